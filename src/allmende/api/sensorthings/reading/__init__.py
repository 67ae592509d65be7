"""Answering GET: resource paths become rows, rows become pages, pages become JSON."""
