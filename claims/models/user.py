from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from claims.models.base import Identified


class User(Identified, AbstractUser):
    """A person who signs in with a browser: an operator, or somebody behind a Member."""

    class Meta(AbstractUser.Meta):
        constraints = [
            # Whatever their case, so that nobody can be taken for somebody else, and an address
            # leads to one account.
            models.UniqueConstraint(Lower("username"), name="user_name_unique"),
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="user_email_unique"
            ),
        ]
