"""ExtractKeywords between protobuf and the domain."""

from collections.abc import Mapping

from gateway.api.convert_common import Passage, answer_info
from gateway.core.model import Answer
from gateway.tasks.nouns import (
    Field,
    Keyword,
    KeywordRequest,
    KeywordResult,
    KnownTerm,
    Listing,
    Rejected,
)
from gateway.v1 import keywords_pb2 as pb

DEFAULT_KEYWORDS = 5
"""How many keywords a request gets that does not say (the contract)."""

FIELD: Mapping[Field, "pb.ListingField.ValueType"] = {
    Field.TITLE: pb.LISTING_FIELD_TITLE,
    Field.BULLET_POINTS: pb.LISTING_FIELD_BULLET_POINT,
    Field.DESCRIPTION: pb.LISTING_FIELD_DESCRIPTION,
    Field.BRAND: pb.LISTING_FIELD_BRAND,
    Field.CATEGORY: pb.LISTING_FIELD_CATEGORY,
    Field.ATTRIBUTES: pb.LISTING_FIELD_ATTRIBUTE,
}


def keyword_request(message: pb.ExtractKeywordsRequest) -> KeywordRequest:
    """The domain's request, of a message that has been checked."""
    return KeywordRequest(
        listing=_listing(message.listing),
        max_keywords=message.max_keywords or DEFAULT_KEYWORDS,
        search_terms_max_bytes=message.search_terms_max_bytes or None,
        banned_terms=tuple(message.banned_terms),
        known_search_terms=tuple(
            KnownTerm(term.text, term.weight) for term in message.known_search_terms
        ),
    )


def keyword_response(answer: Answer[KeywordResult], passage: Passage) -> pb.ExtractKeywordsResponse:
    """The answer as callers see it."""
    result = answer.value
    return pb.ExtractKeywordsResponse(
        keywords=[_keyword(keyword) for keyword in result.keywords],
        search_terms=result.search_terms,
        rejected=[_rejected(rejected) for rejected in result.rejected],
        language=result.language,
        info=answer_info(answer, passage),
    )


def _listing(listing: pb.Listing) -> Listing:
    return Listing(
        title=listing.title,
        bullet_points=tuple(listing.bullet_points),
        description=listing.description,
        brand=listing.brand,
        category=listing.category,
        # sorted: a map has no order on the wire, and equal requests must share a cache entry
        attributes=dict(sorted(listing.attributes.items())),
        marketplace=listing.marketplace,
        language=listing.language,
    )


def _keyword(keyword: Keyword) -> pb.Keyword:
    return pb.Keyword(
        text=keyword.text,
        score=keyword.score,
        reason=keyword.note,
        fields=[FIELD[field] for field in keyword.fields],
        in_listing=keyword.in_listing,
    )


def _rejected(rejected: Rejected) -> pb.RejectedKeyword:
    return pb.RejectedKeyword(text=rejected.text, reason=rejected.reason.value.lower())
