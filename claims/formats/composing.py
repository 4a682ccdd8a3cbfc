"""Documents composed by PostgreSQL: a serializer, compiled once into one SQL expression.

The serializer says what a document shows, the queryset which rows it is made of: what is
selected and prefetched there (claims.queries.documents) is what is joined here. A field that is
worked out, not read, says by `composed` how the database works it out; a test holds both equal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Expression, F, Func, OuterRef, Prefetch, QuerySet, Subquery, When
from django.db.models.expressions import OrderBy, RawSQL
from rest_framework import serializers

MOST_ARGUMENTS = 100  # that PostgreSQL lets a function have

Texts = list[Expression]


class CannotCompose(Exception):
    """A serializer says something that has no SQL; says what."""


class Literal(Expression):
    """A text that is part of the statement itself, not one of its parameters."""

    output_field = models.TextField()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        quoted = self.text.replace("'", "''").replace("%", "%%")
        return f"'{quoted}'", []


class Given(Expression):
    """A parameter whose value is known only when the statement is run, by its name."""

    def __init__(
        self, name: str, output_field: models.Field | None = None, *, then: str = ""
    ) -> None:
        super().__init__(output_field=output_field or models.TextField())
        self.name, self.then = name, then

    def __add__(self, text: str) -> "Given":  # type: ignore[override]
        """The value with a text after it."""
        return Given(self.name, self.output_field, then=self.then + text)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def of(self, given: Mapping[str, Any]) -> Any:
        value = given[self.name]
        return value + self.then if self.then else value


class Spelled(Func):
    """An expression around one column; null where that is null."""

    output_field = models.TextField()

    def __init__(self, column: Any, template: str) -> None:
        super().__init__(column, template=template.replace("{}", "%(expressions)s"))


class Query(Func):
    """An expression in SQL, of columns that it names in braces; `more`: parts of its text."""

    output_field = models.TextField()

    def __init__(self, sql: str, *, columns: dict[str, Any], **more: str) -> None:
        super().__init__(*columns.values())
        self.sql, self.names, self.more = sql, tuple(columns), more

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        compiled = [compiler.compile(column)[0] for column in self.source_expressions]
        named = dict(zip(self.names, compiled, strict=True))
        return f"({self.sql.format(**named, **self.more)})", []


class Concat(Func):
    """Texts one after the other; null counts as nothing."""

    function = "concat"
    output_field = models.TextField()


class Joined(Func):
    """Texts of several rows with commas between them, in order; empty where there are none."""

    output_field = models.TextField()

    def as_sql(self, compiler: Any, connection: Any, **_more: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts, params = [], []
        for expression in self.source_expressions:
            sql, given = compiler.compile(expression)
            parts.append(sql)
            params.extend(given)
        text, *order = parts
        ordered = f" ORDER BY {', '.join(order)}" if order else ""
        return f"coalesce(string_agg({text}, ','{ordered}), '')", params


# How the values of columns are spelled in JSON; a text or a number that needs no quotes is itself.
QUOTED = "('\"' || {} || '\"')"
INSTANT = """to_char({} AT TIME ZONE 'UTC', '"\\""YYYY-MM-DD"T"HH24:MI:SS.US"Z\\""')"""
DAY = """to_char({}, '"\\""YYYY-MM-DD"\\""')"""
SPELLING: list[tuple[type[models.Field] | tuple[type[models.Field], ...], str]] = [
    (models.UUIDField, QUOTED),
    (models.DateTimeField, INSTANT),
    (models.DateField, DAY),
    (models.BooleanField, "{}::text"),
    (models.IntegerField, "{}::text"),
    (models.JSONField, "{}::text"),
    (ArrayField, "to_json({})::text"),
    ((models.CharField, models.TextField), "to_json({})::text"),
]


def spelling(column: models.Field) -> str:
    if isinstance(column, models.CharField) and column.choices:
        return QUOTED  # words of ours, with nothing to escape
    for types, template in SPELLING:
        if isinstance(column, types):
            return template
    raise CannotCompose(f"{column} has no spelling in JSON")


@dataclass(frozen=True, slots=True)
class At:
    """A row while its document is composed.

    rows: where it comes from, with all that hangs on it; prefix: the way to it from there;
    model: whose row it is; nullable: whether there may be none.
    """

    rows: QuerySet[Any]
    model: type[models.Model]
    prefix: str = ""
    nullable: bool = False

    @classmethod
    def of(cls, rows: QuerySet[Any]) -> "At":
        return cls(rows, rows.model)

    def column(self, name: str) -> tuple[Any, models.Field, bool]:
        """Reference, field and whether it may be null, of a column or an annotation."""
        if not self.prefix and name in self.rows.query.annotations:
            return F(name), self.rows.query.annotations[name].output_field, True
        columns = self.model._meta.concrete_fields
        field: Any = next((it for it in columns if name in {it.name, it.attname}), None)
        if field is None:
            raise CannotCompose(f"{self.model.__name__}.{name} is no column")
        nullable = self.nullable or field.null
        reference = F(self.prefix + field.attname)
        while field.remote_field is not None:
            field = field.target_field
        return reference, field, nullable

    def spelled(self, name: str) -> Expression:
        """The text of a column; null where that is null."""
        reference, kind, _nullable = self.column(name)
        return Spelled(reference, spelling(kind))

    def step(self, name: str) -> "At":
        """The one row that this one refers to."""
        field: Any = self.model._meta.get_field(name)
        if not (field.many_to_one or field.one_to_one):
            raise CannotCompose(f"{self.model.__name__}.{name} leads to no single row")
        nullable = self.nullable or (field.concrete and field.null)
        return replace(
            self, model=field.related_model, prefix=f"{self.prefix}{name}__", nullable=nullable
        )

    def is_there(self) -> models.Q:
        return models.Q(**{f"{self.prefix}pk__isnull": False})

    def hanging(self, name: str) -> QuerySet[Any]:
        """The rows that are prefetched under this name, of this row, in their order."""
        if self.prefix:
            raise CannotCompose(f"{self.prefix}{name} is prefetched nowhere")
        for lookup in self.rows._prefetch_related_lookups:  # type: ignore[attr-defined]
            if isinstance(lookup, Prefetch) and lookup.prefetch_to == name:
                relation: Any = self.model._meta.get_field(lookup.prefetch_through)
                rows: Any = lookup.queryset
                inner: QuerySet[Any] = rows.filter(**{relation.field.name: OuterRef("pk")})
                return inner
        raise CannotCompose(f"{self.model.__name__}.{name} is prefetched nowhere")


@runtime_checkable
class Composed(Protocol):
    """A field that says itself how the database makes its text."""

    def composed(self, at: At) -> Expression: ...


def document(serializer: serializers.Serializer, at: At) -> Expression:
    """The text of a row's document, as a JSON object."""
    texts: Texts = []
    for name, field in serializer.fields.items():
        texts += [Literal(f'{"," if texts else "{"}"{name}":'), value(field, at)]
    return concat([*texts, Literal("}")])


def value(field: Any, at: At) -> Expression:
    """The text of one field's value, as JSON. Raises CannotCompose."""
    if isinstance(field, Composed):
        return field.composed(at)
    *way, last = field.source_attrs or ["*"]
    for name in way:
        at = at.step(name)
    if isinstance(field, serializers.BaseSerializer) and not is_stored(at, last):
        if isinstance(field, serializers.ListSerializer):
            child: Any = field.child
            return array(at.hanging(last), lambda row: document(child, row))
        inside: Any = field
        return whole(inside, at if last == "*" else at.step(last))
    return plain(field, at, last)


def plain(field: serializers.Field, at: At, name: str) -> Expression:
    """The text of a column. A field that spells it in a way of its own says so: `spelling`."""
    own = getattr(field, "spelling", None)
    stock = type(field).to_representation.__module__.startswith("rest_framework.")
    if own is None and not stock:
        raise CannotCompose(f"{type(field).__name__} does not say how the database makes it")
    column, kind, nullable = at.column(name)
    spelled = Spelled(column, own or spelling(kind))
    return or_null(spelled) if nullable else spelled


def is_stored(at: At, name: str) -> bool:
    """Whether it is kept as it is shown: as JSON, in one column."""
    column = next((it for it in at.model._meta.concrete_fields if it.name == name), None)
    return isinstance(column, (models.JSONField, ArrayField))


def whole(serializer: serializers.Serializer, at: At) -> Expression:
    """A document inside another; null where there is no such row."""
    inside = document(serializer, replace(at, nullable=False))
    return when(at.is_there(), inside) if at.nullable else inside


def array(rows: QuerySet[Any], text: Any) -> Expression:
    """A JSON array of what `text` makes of each of the rows, in their order."""
    order = [
        OrderBy(F(name.removeprefix("-")), descending=name.startswith("-"))
        for name in map(str, rows.query.order_by)
    ]
    joined: Any = Subquery(rows.order_by().values(composed=Joined(text(At.of(rows)), *order)))
    return concat([Literal("["), joined, Literal("]")])


def first(rows: QuerySet[Any], text: Any) -> Expression:
    """What `text` makes of the first of the rows; null in SQL where there is none."""
    found: Any = rows.values(composed=text(At.of(rows)))[:1]
    return Subquery(found, output_field=models.TextField())  # type: ignore[return-value]


def when(condition: models.Q | Expression, text: Expression, otherwise: str = "null") -> Expression:
    return Case(When(condition, then=text), default=Literal(otherwise))


def entry(of: Expression, name: Expression) -> Expression:
    """The text of what a JSON object, as a text, has under a name."""
    template = "((%(expressions)s)::text)"
    text = models.TextField()
    return Func(of, name, template=template, arg_joiner="::jsonb -> ", output_field=text)


def either(*texts: Expression) -> Expression:
    """The first that is not null."""
    return Func(*texts, function="coalesce", output_field=models.TextField())


def or_null(text: Expression) -> Expression:
    return either(text, Literal("null"))


def concat(texts: Iterable[Expression]) -> Expression:
    """One after the other; neighbouring literals become one."""
    merged: Texts = []
    for text in texts:
        parts = text.source_expressions if isinstance(text, Concat) else [text]
        for part in parts:
            if isinstance(part, Literal) and merged and isinstance(merged[-1], Literal):
                merged[-1] = Literal(merged[-1].text + part.text)
            else:
                merged.append(part)
    while len(merged) > MOST_ARGUMENTS:
        cut = MOST_ARGUMENTS - 1
        merged = [Concat(*merged[:cut]), *merged[cut:]]
    return Concat(*merged)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL with %s for its parameters; those that are Given get their values when it runs."""

    sql: str
    parameters: tuple[Any, ...]

    def bound(self, **given: Any) -> list[Any]:
        return [it.of(given) if isinstance(it, Given) else it for it in self.parameters]

    def settled(self, **written: str) -> "Statement":
        """With what is the same each time as a part of it. written: SQL in place of a value."""
        texts, left = [], []
        for it in self.parameters:
            if not isinstance(it, Given):
                texts.append(constant(it))
            elif it.name in written:
                texts.append(written[it.name])
            else:
                texts.append("%s")
                left.append(it)
        return Statement(self.sql.replace("%%", "%%%%") % tuple(texts), tuple(left))

    def numbered(self) -> tuple[bytes, tuple[Given, ...]]:
        """As PostgreSQL itself has it, with $1 for the first of its values."""
        numbers = {(it.name, it.then): it for it in self.parameters}
        places = {name: f"${number}" for number, name in enumerate(numbers, 1)}
        texts = [places[it.name, it.then] for it in self.parameters]
        return (self.sql % tuple(texts)).encode(), tuple(numbers.values())


def composition(serializer: serializers.Serializer, rows: QuerySet[Any]) -> Statement:
    """SELECT the text of the document of the row `page.id`. Raises CannotCompose."""
    row = rows.filter(pk=RawSQL("page.id", ())).order_by()
    sql, parameters = row.values_list(document(serializer, At.of(rows))).query.sql_with_params()
    return Statement(sql, tuple(parameters)).settled()


def constant(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(int(value))
    return Literal(str(value)).as_sql(None, None)[0]
