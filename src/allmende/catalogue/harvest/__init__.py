"""Listing what others publish: CKAN, DCAT files, OGC API Features, WFS and SensorThings, read again and again.

A second run over a source that did not change changes nothing. A run that is cut off goes on where it was. What comes
from elsewhere is fetched by the guarded client and understood in a sandbox. Its child loads this package, so nothing is
imported here.
"""
