"""How often somebody without an account may send a form."""

from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

_HOUR = 3600


def too_many(request: HttpRequest, form: str, most: int) -> bool:
    """Counts this time, and says whether more than so many came from this address within the hour. Only a hash of the
    address is kept, in memory."""
    address = request.META.get("REMOTE_ADDR", "")
    key = f"{form}:" + sha256(f"{settings.SECRET_KEY}{address}".encode()).hexdigest()
    cache.add(key, 0, _HOUR)
    return int(cache.incr(key)) > most
