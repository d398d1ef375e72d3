"""Source that is appended to a copy of a Python migration: its `up` with one more statement in it.

It stands by itself and runs on Python 3.8, because it runs wherever the migration does. What the
plan says is described in interrupting.cjs.
"""
# mypy: ignore-errors


class _ChopsticksInterruption:
    def __init__(self, client, plan):
        self.client, self.plan = client, plan
        self.calls, self.done, self.failure = 0, False, None

    def counted(self, method):
        def call(*args, **kwargs):
            if self.failure is not None:
                raise self.failure
            self.calls += 1
            if self.calls != self.plan["call"]:
                return method(*args, **kwargs)
            self.done = True
            if self.plan["text"] is not None:
                return self.remembering(lambda: method(self.plan["text"]))
            result = method(*args, **kwargs)
            if hasattr(result, "__await__"):
                return self.interrupted_later(result)
            self.interrupt()
            return result

        return call

    async def interrupted_later(self, pending):
        result = await pending
        interrupting = self.interrupt()
        if hasattr(interrupting, "__await__"):
            await interrupting
        return result

    def interrupt(self):
        return self.remembering(self.act)

    def act(self):
        if self.plan["throws"]:
            raise RuntimeError("chopsticks_injected_failure")
        run = getattr(self.client, "execute", None) or self.client.query
        return run(self.plan["statement"])

    def remembering(self, act):
        try:
            result = act()
        except Exception as error:
            self.failure = error
            raise
        return self.remembering_later(result) if hasattr(result, "__await__") else result

    async def remembering_later(self, pending):
        try:
            return await pending
        except Exception as error:
            self.failure = error
            raise

    def finish(self):
        interrupting = None if self.done else self.interrupt()
        if hasattr(interrupting, "__await__"):
            return self.finish_later(interrupting)
        return self.expect_no_failure()

    async def finish_later(self, interrupting):
        await interrupting
        self.expect_no_failure()

    def expect_no_failure(self):
        # The migration may have caught it.
        if self.failure is not None:
            raise self.failure


class _ChopsticksClient:
    def __init__(self, interruption):
        self._chopsticks = interruption

    def __getattr__(self, name):
        value = getattr(self._chopsticks.client, name)
        return self._chopsticks.counted(value) if name in ("execute", "query") else value


def _chopsticks_interrupted(up_as_written, plan):
    import inspect

    async def finish_later(pending, interruption):
        await pending
        finishing = interruption.finish()
        if hasattr(finishing, "__await__"):
            await finishing

    def up(client, *args, **kwargs):
        interruption = _ChopsticksInterruption(client, plan)
        pending = up_as_written(_ChopsticksClient(interruption), *args, **kwargs)
        if hasattr(pending, "__await__"):
            return finish_later(pending, interruption)
        return interruption.finish()

    async def up_later(client, *args, **kwargs):
        await up(client, *args, **kwargs)

    # Runners look at what kind of function it is.
    return up_later if inspect.iscoroutinefunction(up_as_written) else up
