//! The registry of columns.

/// What a column says about a supporter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// An id by which the rows of a person hang together: a pseudonym.
    Link,
    /// A fact about the person, which stays as evidence or in the counts after an erasure.
    Fact,
    /// Who the person is, or what they wrote: empty after an erasure.
    Personal,
    /// Nothing: how the work on the row goes on.
    Nothing,
}

/// The type of a column, as far as it decides how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Uid,
    Instant,
    Doc,
    Text,
    Integer,
    Bool,
    Binary,
    /// What a person wrote, which only the server's key opens.
    Sealed,
}

/// A column of a table that holds data on supporters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) said: Said,
}

/// A table that holds data on supporters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// What its rows are, for the person.
    pub(crate) about: &'static str,
    /// Which of its rows are a person's.
    pub(crate) whose: Whose,
    pub(crate) columns: &'static [Column],
}

/// Which rows of a table are a person's.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    /// Those with their id in this column, which is the first of an index.
    Column(&'static str),
    /// Those of the person and their organisation, by which there is an index.
    OfOrganisation,
    /// Those of their actions.
    Actions,
    /// Those of their actions, and those about the person.
    Mails,
    /// Those of their letters.
    Letters,
    /// Those of their letters and mails.
    LettersAndMails,
    /// Those whose answer is about one of the person's actions.
    AnswersOfActions,
}

const fn link(name: &'static str) -> Column {
    Column { name, kind: Kind::Uid, said: Said::Link }
}

const fn fact(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, said: Said::Fact }
}

const fn personal(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, said: Said::Personal }
}

const fn nothing(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, said: Said::Nothing }
}

use Kind::{Binary, Bool, Doc, Instant, Integer, Sealed, Text, Uid};

/// The tables that hold data on supporters, in the order of an export.
pub(crate) const HELD: &[Table] = &[
    Table {
        name: "supporters",
        about: "You, as this organisation knows you: by your email address.",
        whose: Whose::Column("id"),
        columns: &[link("id"), link("organisation_id"), personal("email_key", Text), fact("created_at", Instant)],
    },
    Table {
        name: "actions",
        about: "Each time you took part in a campaign: what you typed into the form, your message, the areas that your postcode lies in, and \
                how you came to the form.",
        whose: Whose::Column("supporter_id"),
        columns: &[
            link("id"),
            link("organisation_id"),
            link("campaign_id"),
            link("supporter_id"),
            fact("status", Text),
            fact("is_test", Bool),
            fact("first_of_supporter", Bool),
            fact("nation", Text),
            fact("locale", Text),
            fact("areas", Doc),
            personal("words", Doc),
            fact("source", Text),
            fact("medium", Text),
            fact("source_campaign", Text),
            fact("created_at", Instant),
            fact("confirmed_at", Instant),
            fact("confirmed_by", Text),
            personal("unconfirmed_answers", Doc),
            personal("sealed_message", Sealed),
            fact("origin", Text),
            fact("partner_id", Uid),
            personal("client", Binary),
        ],
    },
    Table {
        name: "deliveries",
        about: "Each of your letters: whom it is to, and what became of it.",
        whose: Whose::Actions,
        columns: &[
            link("id"),
            link("organisation_id"),
            link("campaign_id"),
            link("supporter_id"),
            link("action_id"),
            fact("representative_id", Uid),
            fact("office", Text),
            fact("area_code", Text),
            fact("edition_id", Uid),
            fact("state", Text),
            fact("held_for", Text),
            fact("is_test", Bool),
            fact("repeat_of", Uid),
            nothing("paced_by", Text),
            fact("digest_id", Uid),
            nothing("available_at", Instant),
            fact("attempts", Integer),
            nothing("lease_token", Uid),
            fact("reply", Text),
            fact("created_at", Instant),
            fact("updated_at", Instant),
        ],
    },
    Table {
        name: "invalidated_actions",
        about: "Each time that one of your actions was struck out as not somebody's own, or put back.",
        whose: Whose::Actions,
        columns: &[
            link("organisation_id"),
            link("invalidation_id"),
            link("action_id"),
            fact("standing", Text),
            fact("status_before", Text),
        ],
    },
    Table {
        name: "delivery_attempts",
        about: "Each attempt to send one of your letters.",
        whose: Whose::Letters,
        columns: &[
            link("delivery_id"),
            fact("number", Integer),
            link("campaign_id"),
            fact("started_at", Instant),
            fact("ended_at", Instant),
            fact("outcome", Text),
            fact("reply", Text),
        ],
    },
    Table {
        name: "mails",
        about: "Each mail to you.",
        whose: Whose::Mails,
        columns: &[
            link("id"),
            link("organisation_id"),
            link("campaign_id"),
            link("supporter_id"),
            link("action_id"),
            fact("kind", Text),
            personal("mailbox", Binary),
            fact("state", Text),
            nothing("held_for", Text),
            nothing("available_at", Instant),
            fact("attempts", Integer),
            nothing("lease_token", Uid),
            fact("reply", Text),
            fact("sent_at", Instant),
            fact("created_at", Instant),
            fact("updated_at", Instant),
            link("change_id"),
            fact("locale", Text),
        ],
    },
    Table {
        name: "bounces",
        about: "Each letter of yours and each mail to you that came back.",
        whose: Whose::LettersAndMails,
        columns: &[
            link("id"),
            link("organisation_id"),
            link("campaign_id"),
            link("delivery_id"),
            link("mail_id"),
            fact("representative_id", Uid),
            fact("kind", Text),
            fact("cause", Text),
            fact("lasts", Bool),
            fact("reply", Text),
            nothing("fingerprint", Binary),
            fact("created_at", Instant),
        ],
    },
    Table {
        name: "consents",
        about: "Each answer to a question whether you may be contacted, and each consent that you ended. It stays as evidence after an erasure, \
                without your name and address.",
        whose: Whose::OfOrganisation,
        columns: &[
            link("id"),
            link("organisation_id"),
            link("campaign_id"),
            link("supporter_id"),
            link("action_id"),
            link("change_id"),
            fact("question_id", Uid),
            fact("version", Integer),
            fact("purpose", Text),
            fact("channel", Text),
            fact("answer", Text),
            fact("locale", Text),
            fact("created_at", Instant),
            fact("privacy_notice_version", Text),
        ],
    },
    Table {
        name: "objections",
        about: "Each objection to a use of your data, and each that you took back. It stays as evidence after an erasure, without your name and \
                address.",
        whose: Whose::OfOrganisation,
        columns: &[
            link("id"),
            link("organisation_id"),
            link("campaign_id"),
            link("supporter_id"),
            link("action_id"),
            link("change_id"),
            fact("activity", Text),
            fact("stance", Text),
            fact("version", Integer),
            fact("locale", Text),
            fact("created_at", Instant),
            link("notice_id"),
        ],
    },
    Table {
        name: "preference_changes",
        about: "Each change of your preferences outside a form of the organisation's own, with who recorded it and the note they made.",
        whose: Whose::OfOrganisation,
        columns: &[
            link("id"),
            link("organisation_id"),
            link("supporter_id"),
            fact("means", Text),
            fact("recorded_by", Text),
            personal("note", Text),
            fact("created_at", Instant),
            link("campaign_id"),
            fact("origin", Text),
        ],
    },
    Table {
        name: "rights_requests",
        about: "Each request about your data and each complaint, with where to answer you, what you wrote and what was noted.",
        whose: Whose::Column("supporter_id"),
        columns: &[
            link("id"),
            link("organisation_id"),
            link("supporter_id"),
            fact("kind", Text),
            fact("means", Text),
            fact("status", Text),
            personal("sealed_contact", Sealed),
            personal("sealed_words", Sealed),
            personal("note", Text),
            fact("recorded_by", Text),
            fact("acknowledged_at", Instant),
            fact("paused_at", Instant),
            fact("pause_reason", Text),
            fact("paused_seconds", Integer),
            fact("closed_at", Instant),
            nothing("attributed_at", Instant),
            nothing("revision", Integer),
            fact("created_at", Instant),
        ],
    },
    Table {
        name: "reviews",
        about: "Submissions that somebody looks at before anything is sent.",
        whose: Whose::Column("supporter_id"),
        columns: &[
            link("id"),
            link("organisation_id"),
            link("campaign_id"),
            link("supporter_id"),
            fact("state", Text),
            fact("reasons", Doc),
            personal("sealed_submission", Sealed),
            personal("sealed_address", Sealed),
            personal("sealed_appeal", Sealed),
            fact("appealed_at", Instant),
            personal("note", Text),
            nothing("decided_by", Text),
            fact("decided_at", Instant),
            fact("due_at", Instant),
            fact("created_at", Instant),
        ],
    },
    Table {
        name: "idempotency_keys",
        about: "Answers to your submissions that are kept for two days, for forms that send twice.",
        whose: Whose::AnswersOfActions,
        columns: &[
            fact("scope", Text),
            personal("key", Text),
            personal("fingerprint", Binary),
            personal("answer", Doc),
            fact("tally_actions", Integer),
            fact("created_at", Instant),
            fact("expires_at", Instant),
        ],
    },
];

/// The tables that hold nothing by which a supporter could be found, with their columns.
///
/// `link_requests` has an address for the seconds until it is looked up, sealed; `suppressions` has keyed hashes, which are to outlive the
/// person's data; `audit_entries`, `stops` and `invalidations` name people who work here, and the last describe what
/// was struck out for as long as people are kept.
#[cfg(test)]
pub(crate) const OTHERS: &[(&str, &[&str])] = &[
    ("revisions", &["name", "revision"]),
    ("key_checks", &["purpose", "check_value"]),
    ("demo_fillings", &["id", "started_at", "finished_at"]),
    ("organisations", &["id", "slug", "content", "revision", "created_at", "updated_at", "status"]),
    ("campaigns", &["id", "organisation_id", "slug", "status", "content", "revision", "created_at", "updated_at"]),
    ("campaign_partners", &["campaign_id", "organisation_id", "invited_at", "joined_at"]),
    ("asks", &["id", "campaign_id", "position", "text", "addressed_to", "status"]),
    ("templates", &["id", "campaign_id", "office", "locale", "version", "subject", "body", "created_at", "retired_at"]),
    ("editions", &["id", "campaign_id", "number", "content", "created_at"]),
    ("consent_questions", &["id", "campaign_id", "version", "retired_at", "organisation_id", "key"]),
    ("questions_asked", &["campaign_id", "question_id", "position"]),
    ("consent_wordings", &["question_id", "version", "purpose", "channels", "wordings", "created_at", "basis"]),
    ("objection_notices", &["id", "organisation_id", "campaign_id", "activity", "version", "retired_at"]),
    ("objection_wordings", &["notice_id", "version", "wordings", "long_wordings", "created_at"]),
    ("objections_offered", &["campaign_id", "notice_id", "position"]),
    (
        "areas",
        &[
            "kind",
            "code",
            "name",
            "name_cy",
            "name_gd",
            "generation",
            "parent_code",
            "seats",
            "start_date",
            "end_date",
            "alias_of",
        ],
    ),
    (
        "representatives",
        &[
            "id",
            "external_id",
            "office",
            "area_code",
            "name",
            "salutation",
            "party",
            "email",
            "route",
            "language",
            "source",
            "verified_on",
            "bounced_on",
            "returned_letters",
            "held_on",
            "digest_every",
            "digest_shows",
            "start_date",
            "end_date",
            "end_decided_on",
        ],
    ),
    ("bodies", &["kind", "code", "name", "email", "route", "source"]),
    ("dissolutions", &["legislature", "dissolved_on", "election_on", "announced_at"]),
    ("postcode_layers", &["id", "name", "source", "as_of", "kinds"]),
    ("postcode_blocks", &["layer_id", "position", "data"]),
    ("looked_up_postcodes", &["postcode", "layer", "source", "areas", "ended", "looked_up_on", "expires_on"]),
    ("imports", &["id", "kind", "file_name", "digest", "added", "changed", "ended", "unchanged", "created_at"]),
    (
        "digests",
        &[
            "id",
            "organisation_id",
            "representative_id",
            "every",
            "state",
            "held_for",
            "available_at",
            "attempts",
            "lease_token",
            "reply",
            "created_at",
            "updated_at",
        ],
    ),
    ("limit_uses", &["policy", "subject", "hour", "node_id", "used", "changed_at"]),
    ("review_reports", &["campaign_id", "organisation_id", "reported"]),
    (
        "alarms",
        &[
            "id",
            "organisation_id",
            "rate",
            "subject",
            "departure",
            "count",
            "usual",
            "created_at",
            "last_seen_at",
            "ended_at",
        ],
    ),
    (
        "invalidations",
        &[
            "id",
            "organisation_id",
            "campaign_id",
            "conditions",
            "reason",
            "state",
            "looked_until",
            "looked_until_id",
            "looked_at",
            "found",
            "letters_waiting",
            "letters_sent",
            "struck_out",
            "created_by",
            "created_at",
            "updated_at",
        ],
    ),
    (
        "stops",
        &["id", "scope", "subject_id", "domain", "work", "notice", "note", "made_by", "created_by", "created_at"],
    ),
    ("audit_entries", &["id", "organisation_id", "actor", "action", "subject_id", "note", "created_at"]),
    ("paces", &["key", "arrival", "wake_at", "last_campaign_id"]),
    ("link_requests", &["id", "organisation_id", "sealed_address", "locale", "created_at"]),
    ("tally_versions", &["campaign_id", "version"]),
    ("tallies", &["campaign_id", "kind", "key", "count", "version"]),
    ("tokens", &["id", "subject", "org", "scope", "created_at", "expires_at"]),
    ("revocations", &["kind", "name", "revoked_at"]),
    ("midnight_tallies", &["campaign_id", "kind", "key", "count"]),
    ("spent_challenges", &["id", "expires_at"]),
    ("suppressions", &["organisation_id", "email_hash", "created_at", "key_id"]),
    (
        "address_reports",
        &[
            "id",
            "representative_id",
            "reason",
            "status",
            "count",
            "remarks",
            "note",
            "revision",
            "created_at",
            "last_reported_at",
        ],
    ),
];
