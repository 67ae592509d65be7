"""SensorThings over MQTT (18-088 § 13): a broker for its topics only, with the rights of HTTP.

`packets` reads and writes MQTT 3.1.1 and 5, `client` is one connection, `topics` understands what is subscribed to,
`hub` brings what is kept to those who wait for it.
"""
