"""Drills: what the service promises, tried hard, each beside a broken variant that has to fail. `make drills`."""
