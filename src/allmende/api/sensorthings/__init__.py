"""OGC SensorThings API 1.1 (OGC 18-088): its schema, its query language, and the interface over HTTP."""
