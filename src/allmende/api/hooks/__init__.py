"""The door for webhooks: messages that others hand in for a connector, at /api/hooks/<code of the connector>."""
