"""The ways in which an alert reaches its wearer.

`contract` says what a way is, `routes` which is taken, and the dispatcher takes it.
"""
