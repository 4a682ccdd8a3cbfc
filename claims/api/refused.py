"""What can be refused to people who come in, or say who they are; for the API's description."""

from claims import errors
from claims.errors import Refusal

ON_SIGNING: dict[tuple[str, str], list[type[Refusal]]] = {
    ("session", "sign_in"): [errors.SignInRefused, errors.TooManyTries],
    ("session", "password"): [errors.TooManyTries],
    ("session", "totp"): [errors.TooManyTries, errors.SecondFactorRefused],
    ("session", "confirm_totp"): [errors.SecondFactorRefused],
    ("session", "remove_totp"): [
        errors.SignInRefused,
        errors.TooManyTries,
        errors.SecondFactorRefused,
    ],
    ("invitations", "accept"): [errors.InvitationRefused, errors.Conflict, errors.Duplicate],
    ("invitations", "revoke"): [errors.InvitationRefused],
}
