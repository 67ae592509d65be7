"""Properties of things that care sets and looks for. They stand among the thing's properties, so that every interface
and export shows them."""

CITIZEN = "citizen_sensor"  # true: a resident runs it
RETIRED = "retired"  # the day from which on nobody waits for it any more
