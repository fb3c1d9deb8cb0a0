"""Configurations, "name:key=value,key=value"."""


def parse(text):
    name, _, rest = text.partition(":")
    return name, dict(entry.split("=", 1) for entry in rest.split(",") if entry)
