"""Random visitors of several sessiond processes, the history of what they were answered, and its checker.

history: what is recorded. resp: a connection. visitors: who sends what. cluster: the daemons and their faults.
timeline, checker: whether the history can be explained. report: what is printed when it cannot.
"""
