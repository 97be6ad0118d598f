//! The table of everything that can go wrong: one row per kind.

use actix_web::http::StatusCode;

/// Declares the table. A row is: variant, slug, status, title, and what the caller can do about it.
macro_rules! kinds {
    ($($variant:ident = $slug:literal, $status:ident, $title:literal, $advice:literal;)+) => {
        /// A kind of problem (RFC 9457): its slug never changes once published.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemType {
            $(#[doc = $title] $variant,)+
        }

        impl ProblemType {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable name, which is also the last segment of its address.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            /// The path of the `type` member, which this server answers.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$variant => concat!("/problems/", $slug),)+ }
            }

            /// The HTTP status that always goes with it.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)+ }
            }

            /// The same sentence every time it happens.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }

            /// The advice for the caller.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)+ }
            }
        }
    };
}

impl ProblemType {
    /// True for what is nobody's fault although its status is a server's: there is too much to do, or the operator stopped it.
    pub(crate) const fn is_foreseen(self) -> bool {
        matches!(self, Self::Overloaded | Self::SubmissionsStopped)
    }
}

kinds! {
    // The request itself.
    MalformedRequest = "malformed-request", BAD_REQUEST, "The request could not be understood",
        "Correct the request; sending it again unchanged will fail again.";
    MalformedJson = "malformed-json", BAD_REQUEST, "The body is not valid JSON",
        "Send one JSON document in UTF-8, with nothing after it.";
    QueryInvalid = "query-invalid", BAD_REQUEST, "A query parameter is wrong",
        "Look at `errors`: each entry names a parameter.";
    CursorInvalid = "cursor-invalid", BAD_REQUEST, "The cursor is not one that this server gave out",
        "Use `next_cursor` exactly as it was answered, on the same list, or start again without a cursor.";
    IdempotencyKeyMissing = "idempotency-key-missing", BAD_REQUEST, "The Idempotency-Key header is missing",
        "Draw a fresh random key for each submission and repeat the same key when retrying it.";
    IdempotencyKeyInvalid = "idempotency-key-invalid", BAD_REQUEST, "The Idempotency-Key header cannot be used",
        "Send 1 to 255 visible ASCII characters, with or without quotation marks.";
    ClientAddressInvalid = "client-address-invalid", BAD_REQUEST, "The Client-Address header cannot be used",
        "Send one IPv4 or IPv6 address, as your server sees the person's.";
    TokenMissing = "token-missing", UNAUTHORIZED, "A bearer token is needed",
        "Send `Authorization: Bearer …`.";
    TokenInvalid = "token-invalid", UNAUTHORIZED, "The bearer token is not accepted",
        "Ask for a new token; this one is malformed, expired or meant for somebody else.";
    ScopeInsufficient = "scope-insufficient", FORBIDDEN, "The token does not allow this",
        "Use a token that carries the scope named in `scope`.";
    OperatorOnly = "operator-only", FORBIDDEN, "Only the operator of this server may do this",
        "Use a token whose `org` claim is `*`.";
    OriginNotAllowed = "origin-not-allowed", FORBIDDEN, "This web origin may not call this",
        "Ask the organisation to add the origin to the campaign's `origins`.";
    NotFound = "not-found", NOT_FOUND, "There is nothing here",
        "Check the address. What belongs to another organisation looks the same as what does not exist.";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This method is not allowed here",
        "Use one of the methods in the `Allow` header.";
    RequestTimeout = "request-timeout", REQUEST_TIMEOUT, "The request took too long to arrive",
        "Send it again over a better connection.";
    Conflict = "conflict", CONFLICT, "The request does not fit the present state",
        "Read the resource again and decide again.";
    PreconditionFailed = "precondition-failed", PRECONDITION_FAILED, "It was changed in the meantime",
        "Read it again, and repeat the change with the new `ETag` in `If-Match`.";
    ContentTooLarge = "content-too-large", PAYLOAD_TOO_LARGE, "The body is too large",
        "Send less: the limit is in `limit`, in bytes.";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The content type is not supported",
        "Send the `Content-Type` that the call takes: `application/json` in UTF-8 for nearly all of them.";
    ContentEncodingUnsupported = "content-encoding-unsupported", UNSUPPORTED_MEDIA_TYPE,
        "Compressed requests are not accepted", "Send the body without a `Content-Encoding`.";
    ValidationFailed = "validation-failed", UNPROCESSABLE_ENTITY, "Some fields are not right",
        "Please check the marked fields.";
    IdempotencyKeyReused = "idempotency-key-reused", UNPROCESSABLE_ENTITY,
        "This key was already used for a different request", "Draw a fresh key for a new request.";
    PreconditionRequired = "precondition-required", PRECONDITION_REQUIRED, "A change needs an If-Match header",
        "Read it first, and send its `ETag` in `If-Match`.";
    QuotaExceeded = "quota-exceeded", TOO_MANY_REQUESTS, "Too many requests",
        "Wait for the time in `Retry-After`.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on this side",
        "Retry later; if it goes on, quote `instance` to the operator.";
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "The server is at its limit",
        "Retry with the same Idempotency-Key after the time in `Retry-After`.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The server cannot do this at the moment",
        "Retry with the same Idempotency-Key after the time in `Retry-After`.";

    // Campaigns.
    CampaignNotLive = "campaign-not-live", CONFLICT, "The campaign is not live",
        "Read the campaign's `status`.";
    CampaignNotYetOpen = "campaign-not-yet-open", CONFLICT, "The campaign has not opened yet",
        "Come back at `opens_at`.";
    CampaignClosed = "campaign-closed", CONFLICT, "The campaign has closed",
        "Thank the person; nothing can be sent any more.";
    SubmissionsStopped = "submissions-stopped", SERVICE_UNAVAILABLE, "Nobody can submit at the moment",
        "Show the person `notice`, keep what they wrote, and try again later with the same Idempotency-Key.";
    SubmissionRefused = "submission-refused", UNPROCESSABLE_ENTITY, "The organisation does not take this submission",
        "Show the person the texts in `reasons`: each says what to change.";
    OutsideNations = "outside-nations", UNPROCESSABLE_ENTITY, "The campaign does not cover this part of the country",
        "Show the campaign's `nations`.";
    NoReachableRepresentative = "no-reachable-representative", UNPROCESSABLE_ENTITY,
        "None of the person's representatives can be written to", "Show `skipped`, which says why for each of them.";
    ChallengeNeeded = "challenge-needed", FORBIDDEN, "A challenge has to be solved first",
        "Solve what `challenge` offers, send the solution in the body's `challenge`, and repeat the call with the same Idempotency-Key.";
    ChallengeWrong = "challenge-wrong", FORBIDDEN, "The challenge is not solved",
        "Solve the fresh one in `challenge`, and repeat the call with the same Idempotency-Key.";
    ChallengeExpired = "challenge-expired", FORBIDDEN, "The time of the challenge is over",
        "Solve the fresh one in `challenge`, and repeat the call with the same Idempotency-Key.";
    ChallengeSpent = "challenge-spent", FORBIDDEN, "The challenge was used before",
        "Each lets one submission in. Solve the fresh one in `challenge`, and repeat the call with the same Idempotency-Key.";
    ChallengeUnavailable = "challenge-unavailable", SERVICE_UNAVAILABLE, "Challenges cannot be checked at the moment",
        "Retry with the same Idempotency-Key after the time in `Retry-After`; the person need not write again.";
    ConfirmationInvalid = "confirmation-invalid", FORBIDDEN, "This code or link does not fit",
        "Ask the person to check the code, or to open the newest mail.";
    ConfirmationExpired = "confirmation-expired", GONE, "The time to confirm is over",
        "Nothing was sent and the details are deleted. The person can write again.";
    TransitionNotAllowed = "transition-not-allowed", CONFLICT, "This status change is not allowed",
        "Read the campaign's `status`.";
    CampaignIncomplete = "campaign-incomplete", UNPROCESSABLE_ENTITY, "The campaign is not ready",
        "Look at `errors`: everything that is missing is listed there.";
    LetterNotComposed = "letter-not-composed", UNPROCESSABLE_ENTITY, "A letter cannot be written for this place",
        "Tell the organisation: its template names something that this place does not have.";

    // Postcodes.
    PostcodeUnknown = "postcode-unknown", UNPROCESSABLE_ENTITY, "This postcode is not known",
        "Ask the person to check it. A new building's postcode may take three months to appear: where all known postcodes around it \
         share an area, `choices` names it; if the person lives there, send it in `area_choices`.";
    PostcodeTerminated = "postcode-terminated", UNPROCESSABLE_ENTITY, "This postcode is no longer in use",
        "Ask the person for the present postcode of the address. `ended` is the month in which Royal Mail ended this one.";
    PostcodeWithoutLocation = "postcode-without-location", UNPROCESSABLE_ENTITY,
        "This postcode has no place on the map", "Ask for the postcode of the person's home, or of a neighbour.";
    PostcodeLargeUser = "postcode-large-user", UNPROCESSABLE_ENTITY,
        "This postcode is of an organisation or of a post office's boxes", "Ask for the postcode of the person's home.";
    PostcodeCrownDependency = "postcode-crown-dependency", UNPROCESSABLE_ENTITY, "This postcode is in a Crown dependency",
        "Jersey, Guernsey and the Isle of Man elect no Member of Parliament. `dependency` says which of them it is.";
    PostcodeBfpo = "postcode-bfpo", UNPROCESSABLE_ENTITY, "This is a forces address",
        "Ask for the postcode where the person is registered to vote.";
    PostcodeOverseas = "postcode-overseas", UNPROCESSABLE_ENTITY, "This postcode is in an overseas territory",
        "Overseas territories elect no Member of Parliament. `territory` names it.";
    AreaChoiceWrong = "area-choice-wrong", UNPROCESSABLE_ENTITY, "The chosen area is not one of the candidates",
        "`kinds` says which choices are wrong. Ask for the targets again and offer the person its `choices`.";
    AreaChoiceNeeded = "area-choice-needed", UNPROCESSABLE_ENTITY, "The person must say in which area they live",
        "Offer the person the candidates in `choices`, and send the chosen code of each kind in `area_choices`.";
    DirectoryEmpty = "directory-empty", SERVICE_UNAVAILABLE, "The directory has not been loaded",
        "The operator must import areas, postcodes and representatives first.";
}

impl ProblemType {
    /// True if the person's postcode causes it.
    pub const fn is_about_postcode(self) -> bool {
        matches!(
            self,
            Self::PostcodeUnknown
                | Self::PostcodeTerminated
                | Self::PostcodeWithoutLocation
                | Self::PostcodeLargeUser
                | Self::PostcodeCrownDependency
                | Self::PostcodeBfpo
                | Self::PostcodeOverseas
                | Self::OutsideNations
        )
    }

    /// True if a solved challenge lets the same call through.
    pub const fn is_about_challenge(self) -> bool {
        matches!(self, Self::ChallengeNeeded | Self::ChallengeWrong | Self::ChallengeExpired | Self::ChallengeSpent)
    }

    /// The kind with this slug.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.slug() == slug)
    }

    /// The closest kind for a status that the framework answered by itself.
    pub fn for_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::TokenInvalid,
            403 => Self::ScopeInsufficient,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 => Self::RequestTimeout,
            409 => Self::Conflict,
            410 => Self::ConfirmationExpired,
            412 => Self::PreconditionFailed,
            413 => Self::ContentTooLarge,
            415 => Self::UnsupportedMediaType,
            422 => Self::ValidationFailed,
            428 => Self::PreconditionRequired,
            429 => Self::QuotaExceeded,
            503 => Self::Unavailable,
            400..=499 => Self::MalformedRequest,
            _ => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_slug_is_its_own_and_is_written_in_lower_case() {
        let slugs: HashSet<_> = ProblemType::ALL.iter().map(|kind| kind.slug()).collect();
        assert_eq!(slugs.len(), ProblemType::ALL.len());
        assert!(slugs.iter().all(|slug| slug.chars().all(|c| c.is_ascii_lowercase() || c == '-')));
    }

    #[test]
    fn a_status_keeps_itself_where_the_table_has_it() {
        for kind in ProblemType::ALL {
            assert_eq!(ProblemType::for_status(kind.status()).status(), kind.status());
        }
    }
}
