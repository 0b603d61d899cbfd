"""A model behind an OpenAI-compatible endpoint.

Reading order: `model` is what a lesson calls; `transport` asks one question until it is answered or cannot
be; `replies` makes samples of an answer, whoever wrote it; `usage` counts. Written on httpx, not on the
openai client: `transport` would stay (that client's retries cannot be interrupted, and it trusts what an
endpoint sends), and its import takes ten times as long.
"""

from helpers.endpoint.model import EndpointModel, spread
from helpers.endpoint.replies import content_of, read_samples
from helpers.endpoint.transport import EndpointError, Transport
from helpers.endpoint.usage import Usage, UsageCounter

__all__ = [
    "EndpointError",
    "EndpointModel",
    "Transport",
    "Usage",
    "UsageCounter",
    "content_of",
    "read_samples",
    "spread",
]
