"""FastAPI, async SQLAlchemy and pydantic: mapped classes, eager loading, response models."""

import os
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import and_, exists, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.declarative import DeferredReflection
from sqlalchemy.orm import DeclarativeBase, aliased, column_property, joinedload, relationship
from sqlalchemy.orm import selectinload as load

from tests.benchmarks.peers.listing import SIZE, TYPES, next_link

engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://"),
    pool_size=8,
    max_overflow=0,
    connect_args={"server_settings": {"jit": "off"}, "prepared_statement_cache_size": 1000},
)
Session = async_sessionmaker(engine, expire_on_commit=False)
