"""Sensor care: how each sensor does, what needs a person today, and which values deserve doubt.

`rules` and `flagging` are pure functions; `watching` looks at all datastreams now and then and keeps their states;
`notices` decides who is told; `completeness` counts by the day; `citizens` and `register` are about people: sensors of
residents, and the public list of what is measured and why. `queries` and the functions named by verbs are the doors.
"""
