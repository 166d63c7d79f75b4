"""Processes that are killed at one of their calls to the outside world."""


class Died(BaseException):
    """The process was killed here."""


class Killer:
    """Lets a number of store and queue calls happen, then kills; ``after`` the call or before it."""

    def __init__(self, calls, after):
        self.left, self.after = calls, after

    def watch(self, store, *names):
        for name in names:
            setattr(store, name, self.watched(getattr(store, name)))

    def watched(self, call):
        def call_or_die(*given, **named):
            self.left -= 1
            fatal = self.left == 0
            if fatal and not self.after:
                raise Died
            answer = call(*given, **named)
            if fatal:
                raise Died
            return answer

        return call_or_die
