"""MQTT 5 from a broker: a topic pattern and a payload mapping. At QoS 1 the broker gets its acknowledgement only after
the observations are on disk; what cannot be written stays with the broker."""
