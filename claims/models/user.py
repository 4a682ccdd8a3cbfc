from django.contrib.auth.models import AbstractUser

from claims.models.base import Identified


class User(Identified, AbstractUser):
    """A person who signs in with a browser: an operator, or somebody behind a Member."""

    class Meta(AbstractUser.Meta):
        pass
