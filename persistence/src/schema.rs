//! The tables, once, for both databases. A test holds this page against the real columns of each.

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    revisions (name) {
        name -> Text,
        revision -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};

    key_checks (purpose) {
        purpose -> Text,
        check_value -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable};
    use crate::types::Instant;

    demo_fillings (id) {
        id -> BigInt,
        started_at -> Instant,
        finished_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{Doc, Instant, Uid};

    organisations (id) {
        id -> Uid,
        slug -> Text,
        content -> Doc,
        revision -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
        status -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{Doc, Instant, Uid};

    campaigns (id) {
        id -> Uid,
        organisation_id -> Uid,
        slug -> Text,
        status -> Text,
        content -> Doc,
        revision -> BigInt,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Nullable;
    use crate::types::{Instant, Uid};

    campaign_partners (campaign_id, organisation_id) {
        campaign_id -> Uid,
        organisation_id -> Uid,
        invited_at -> Instant,
        joined_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::types::Uid;

    asks (id) {
        id -> Uid,
        campaign_id -> Uid,
        position -> Integer,
        text -> Text,
        addressed_to -> Text,
        status -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    templates (id) {
        id -> Uid,
        campaign_id -> Uid,
        office -> Text,
        locale -> Text,
        version -> Integer,
        subject -> Text,
        body -> Text,
        created_at -> Instant,
        retired_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::Integer;
    use crate::types::{Doc, Instant, Uid};

    editions (id) {
        id -> Uid,
        campaign_id -> Uid,
        number -> Integer,
        content -> Doc,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    consent_questions (id) {
        id -> Uid,
        campaign_id -> Nullable<Uid>,
        version -> Integer,
        retired_at -> Nullable<Instant>,
        organisation_id -> Uid,
        key -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable};
    use crate::types::Uid;

    questions_asked (campaign_id, question_id) {
        campaign_id -> Uid,
        question_id -> Uid,
        position -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Text};
    use crate::types::{Doc, Instant, Uid};

    consent_wordings (question_id, version) {
        question_id -> Uid,
        version -> Integer,
        purpose -> Text,
        channels -> Doc,
        wordings -> Doc,
        created_at -> Instant,
        basis -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    objection_notices (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Nullable<Uid>,
        activity -> Text,
        version -> Integer,
        retired_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable};
    use crate::types::{Doc, Instant, Uid};

    objection_wordings (notice_id, version) {
        notice_id -> Uid,
        version -> Integer,
        wordings -> Doc,
        long_wordings -> Nullable<Doc>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable};
    use crate::types::Uid;

    objections_offered (campaign_id, notice_id) {
        campaign_id -> Uid,
        notice_id -> Uid,
        position -> Nullable<Integer>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};

    areas (kind, code) {
        kind -> Text,
        code -> Text,
        name -> Text,
        name_cy -> Nullable<Text>,
        name_gd -> Nullable<Text>,
        generation -> Nullable<Text>,
        parent_code -> Nullable<Text>,
        seats -> Nullable<Integer>,
        start_date -> Nullable<Date>,
        end_date -> Nullable<Date>,
        alias_of -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Integer, Nullable, Text};
    use crate::types::Uid;

    representatives (id) {
        id -> Uid,
        external_id -> Text,
        office -> Text,
        area_code -> Text,
        name -> Text,
        salutation -> Nullable<Text>,
        party -> Nullable<Text>,
        email -> Nullable<Text>,
        route -> Text,
        language -> Nullable<Text>,
        source -> Nullable<Text>,
        verified_on -> Nullable<Date>,
        bounced_on -> Nullable<Date>,
        returned_letters -> Nullable<Integer>,
        held_on -> Nullable<Date>,
        digest_every -> Nullable<Text>,
        digest_shows -> Nullable<Text>,
        start_date -> Nullable<Date>,
        end_date -> Nullable<Date>,
        end_decided_on -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};

    bodies (kind, code) {
        kind -> Text,
        code -> Text,
        name -> Text,
        email -> Nullable<Text>,
        route -> Text,
        source -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Nullable, Text};
    use crate::types::Instant;

    dissolutions (legislature, dissolved_on) {
        legislature -> Text,
        dissolved_on -> Date,
        election_on -> Nullable<Date>,
        announced_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Text};
    use crate::types::{Doc, Uid};

    postcode_layers (id) {
        id -> Uid,
        name -> Text,
        source -> Text,
        as_of -> Date,
        kinds -> Doc,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::types::Uid;

    postcode_blocks (layer_id, position) {
        layer_id -> Uid,
        position -> Integer,
        data -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Date, Nullable, Text};
    use crate::types::Doc;

    looked_up_postcodes (postcode) {
        postcode -> Text,
        layer -> Text,
        source -> Text,
        areas -> Doc,
        ended -> Nullable<Text>,
        looked_up_on -> Date,
        expires_on -> Date,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{Instant, Uid};

    imports (id) {
        id -> Uid,
        kind -> Text,
        file_name -> Text,
        digest -> Text,
        added -> BigInt,
        changed -> BigInt,
        ended -> BigInt,
        unchanged -> BigInt,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Instant, Uid};

    supporters (id) {
        id -> Uid,
        organisation_id -> Uid,
        email_key -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable, Text};
    use crate::types::{Doc, Instant, Uid};

    actions (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Uid,
        supporter_id -> Uid,
        status -> Text,
        is_test -> Bool,
        first_of_supporter -> Bool,
        nation -> Text,
        locale -> Text,
        areas -> Doc,
        words -> Doc,
        source -> Nullable<Text>,
        medium -> Nullable<Text>,
        source_campaign -> Nullable<Text>,
        created_at -> Instant,
        confirmed_at -> Nullable<Instant>,
        confirmed_by -> Nullable<Text>,
        unconfirmed_answers -> Nullable<Doc>,
        sealed_message -> Nullable<Binary>,
        origin -> Nullable<Text>,
        partner_id -> Nullable<Uid>,
        client -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    mails (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Nullable<Uid>,
        supporter_id -> Uid,
        action_id -> Nullable<Uid>,
        kind -> Text,
        mailbox -> Binary,
        state -> Text,
        held_for -> Nullable<Text>,
        available_at -> Nullable<Instant>,
        attempts -> Integer,
        lease_token -> Nullable<Uid>,
        reply -> Nullable<Text>,
        sent_at -> Nullable<Instant>,
        created_at -> Instant,
        updated_at -> Instant,
        change_id -> Nullable<Uid>,
        locale -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    digests (id) {
        id -> Uid,
        organisation_id -> Uid,
        representative_id -> Uid,
        every -> Text,
        state -> Text,
        held_for -> Nullable<Text>,
        available_at -> Nullable<Instant>,
        attempts -> Integer,
        lease_token -> Nullable<Uid>,
        reply -> Nullable<Text>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::{Doc, Instant, Uid};

    reviews (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Uid,
        supporter_id -> Nullable<Uid>,
        state -> Text,
        reasons -> Doc,
        sealed_submission -> Nullable<Binary>,
        sealed_address -> Nullable<Binary>,
        sealed_appeal -> Nullable<Binary>,
        appealed_at -> Nullable<Instant>,
        note -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Instant>,
        due_at -> Instant,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Uid;

    review_reports (campaign_id, organisation_id) {
        campaign_id -> Uid,
        organisation_id -> Uid,
        reported -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Instant, Uid};

    alarms (id) {
        id -> Uid,
        organisation_id -> Uid,
        rate -> Text,
        subject -> Text,
        departure -> Text,
        count -> BigInt,
        usual -> BigInt,
        created_at -> Instant,
        last_seen_at -> Instant,
        ended_at -> Nullable<Instant>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Doc, Instant, Uid};

    invalidations (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Nullable<Uid>,
        conditions -> Doc,
        reason -> Text,
        state -> Text,
        looked_until -> Instant,
        looked_until_id -> Uid,
        looked_at -> BigInt,
        found -> BigInt,
        letters_waiting -> BigInt,
        letters_sent -> BigInt,
        struck_out -> BigInt,
        created_by -> Text,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::Uid;

    invalidated_actions (invalidation_id, action_id) {
        organisation_id -> Uid,
        invalidation_id -> Uid,
        action_id -> Uid,
        standing -> Text,
        status_before -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Integer, Text};
    use crate::types::{Instant, Uid};

    limit_uses (policy, subject, hour, node_id) {
        policy -> Text,
        subject -> Binary,
        hour -> Instant,
        node_id -> Uid,
        used -> Integer,
        changed_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Doc, Instant, Uid};

    stops (id) {
        id -> Uid,
        scope -> Text,
        subject_id -> Uid,
        domain -> Nullable<Text>,
        work -> Text,
        notice -> Nullable<Doc>,
        note -> Text,
        made_by -> Nullable<Uid>,
        created_by -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Instant, Uid};

    audit_entries (id) {
        id -> Uid,
        organisation_id -> Nullable<Uid>,
        actor -> Text,
        action -> Text,
        subject_id -> Uid,
        note -> Nullable<Text>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Instant, Uid};

    paces (key) {
        key -> Text,
        arrival -> Nullable<Instant>,
        wake_at -> Nullable<Instant>,
        last_campaign_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Bool, Nullable, Text};
    use crate::types::{Instant, Uid};

    bounces (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Nullable<Uid>,
        delivery_id -> Nullable<Uid>,
        mail_id -> Nullable<Uid>,
        representative_id -> Nullable<Uid>,
        kind -> Text,
        cause -> Text,
        lasts -> Bool,
        reply -> Text,
        fingerprint -> Nullable<Binary>,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    consents (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Nullable<Uid>,
        supporter_id -> Uid,
        action_id -> Nullable<Uid>,
        change_id -> Nullable<Uid>,
        question_id -> Nullable<Uid>,
        version -> Nullable<Integer>,
        purpose -> Text,
        channel -> Text,
        answer -> Text,
        locale -> Nullable<Text>,
        created_at -> Instant,
        privacy_notice_version -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    objections (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Nullable<Uid>,
        supporter_id -> Uid,
        action_id -> Nullable<Uid>,
        change_id -> Nullable<Uid>,
        activity -> Text,
        stance -> Text,
        version -> Nullable<Integer>,
        locale -> Nullable<Text>,
        created_at -> Instant,
        notice_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::types::{Instant, Uid};

    preference_changes (id) {
        id -> Uid,
        organisation_id -> Uid,
        supporter_id -> Uid,
        means -> Text,
        recorded_by -> Nullable<Text>,
        note -> Nullable<Text>,
        created_at -> Instant,
        campaign_id -> Nullable<Uid>,
        origin -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::{Instant, Uid};

    link_requests (id) {
        id -> Uid,
        organisation_id -> Uid,
        sealed_address -> Binary,
        locale -> Text,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Instant, Uid};

    rights_requests (id) {
        id -> Uid,
        organisation_id -> Uid,
        supporter_id -> Nullable<Uid>,
        kind -> Text,
        means -> Text,
        status -> Text,
        sealed_contact -> Nullable<Binary>,
        sealed_words -> Nullable<Binary>,
        note -> Nullable<Text>,
        recorded_by -> Nullable<Text>,
        acknowledged_at -> Nullable<Instant>,
        paused_at -> Nullable<Instant>,
        pause_reason -> Nullable<Text>,
        paused_seconds -> BigInt,
        closed_at -> Nullable<Instant>,
        attributed_at -> Nullable<Instant>,
        revision -> BigInt,
        created_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    deliveries (id) {
        id -> Uid,
        organisation_id -> Uid,
        campaign_id -> Uid,
        supporter_id -> Uid,
        action_id -> Uid,
        representative_id -> Uid,
        office -> Text,
        area_code -> Text,
        edition_id -> Uid,
        state -> Text,
        held_for -> Nullable<Text>,
        is_test -> Bool,
        repeat_of -> Nullable<Uid>,
        paced_by -> Nullable<Text>,
        digest_id -> Nullable<Uid>,
        available_at -> Nullable<Instant>,
        attempts -> Integer,
        lease_token -> Nullable<Uid>,
        reply -> Nullable<Text>,
        created_at -> Instant,
        updated_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::types::{Instant, Uid};

    delivery_attempts (delivery_id, number) {
        delivery_id -> Uid,
        number -> Integer,
        campaign_id -> Uid,
        started_at -> Instant,
        ended_at -> Nullable<Instant>,
        outcome -> Nullable<Text>,
        reply -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Uid;

    tally_versions (campaign_id) {
        campaign_id -> Uid,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Uid;

    tallies (campaign_id, kind, key) {
        campaign_id -> Uid,
        kind -> Text,
        key -> Text,
        count -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Instant, Uid};

    tokens (id) {
        id -> Uid,
        subject -> Text,
        org -> Text,
        scope -> Text,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::Instant;

    revocations (kind, name) {
        kind -> Text,
        name -> Text,
        revoked_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Uid;

    midnight_tallies (campaign_id, kind, key) {
        campaign_id -> Uid,
        kind -> Text,
        key -> Text,
        count -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Doc, Instant};

    idempotency_keys (scope, key) {
        scope -> Text,
        key -> Text,
        fingerprint -> Binary,
        answer -> Doc,
        tally_actions -> Nullable<BigInt>,
        created_at -> Instant,
        expires_at -> Instant,
    }
}

diesel::table! {
    use crate::types::{Instant, Uid};

    spent_challenges (id) {
        id -> Uid,
        expires_at -> Instant,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::{Instant, Uid};

    suppressions (organisation_id, email_hash) {
        organisation_id -> Uid,
        email_hash -> Binary,
        created_at -> Instant,
        key_id -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::types::{Doc, Instant, Uid};

    address_reports (id) {
        id -> Uid,
        representative_id -> Uid,
        reason -> Text,
        status -> Text,
        count -> Integer,
        remarks -> Doc,
        note -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Instant,
        last_reported_at -> Instant,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    revisions,
    key_checks,
    demo_fillings,
    organisations,
    campaigns,
    campaign_partners,
    asks,
    templates,
    editions,
    consent_questions,
    questions_asked,
    consent_wordings,
    objection_notices,
    objection_wordings,
    objections_offered,
    areas,
    representatives,
    dissolutions,
    bodies,
    postcode_layers,
    postcode_blocks,
    looked_up_postcodes,
    imports,
    supporters,
    actions,
    consents,
    objections,
    preference_changes,
    link_requests,
    rights_requests,
    reviews,
    review_reports,
    alarms,
    invalidations,
    invalidated_actions,
    deliveries,
    digests,
    mails,
    bounces,
    paces,
    limit_uses,
    stops,
    audit_entries,
    delivery_attempts,
    tally_versions,
    tallies,
    midnight_tallies,
    tokens,
    revocations,
    idempotency_keys,
    spent_challenges,
    suppressions,
    address_reports
);

#[cfg(test)]
pub(crate) mod tests;
