//! The closed word sets of the domain, as the published contract shows them.

use postbag_domain::alarm::{Departure, RateOf};
use postbag_domain::delivery::{DeliveryCommand, PaceScope, StopScope, StoppedWork};
use postbag_domain::{
    ActionStatus, Activity, AddressedTo, AfterReview, AfterUncertain, Answer, AreaKind, AskStatus, AuditAction, Basis,
    BounceCause, BounceKind, CampaignStatus, ChallengeProvider, ChallengeRule, Channel, Confirmation, ConfirmedBy,
    ContactRole, DeliveryState, DigestDetail, DigestInterval, DissolutionPhase, HeldFor, Interval, InvalidationState,
    InvalidationStep, Legislature, Locale, MailKind, Means, Nation, Office, OrganisationStatus, Outcome, PauseReason,
    PermissionReason, PersonalMessageRule, Reachability, ReportReason, ReportStatus, RequestCommand, RequestKind,
    RequestStatus, ReviewDecision, ReviewState, Route, Signal, SoftOptInCondition, SpecialCategoryCondition, Stance,
    WhenSeatFilled, WriteTo,
};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A string that is one of `all`, with what each word means.
fn one_of<T: Copy>(all: &[T], word: fn(T) -> &'static str, set: &str, about: fn(T) -> &'static str) -> Object {
    let meanings = all.iter().map(|value| format!("- `{}`: {}", word(*value), plain(about(*value))));
    let description = format!("{}\n\n{}", plain(set), meanings.collect::<Vec<_>>().join("\n"));
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(all.iter().map(|value| word(*value))))
        .description(Some(description))
        .build()
}

/// Documentation without the numbers of requirements, which readers of the contract do not know: `(B16)`, `(B20, C7)`.
pub(crate) fn plain(documentation: &str) -> String {
    let mut text = documentation.trim().to_owned();
    while let Some(start) = text.find(" (").filter(|start| is_requirement(&text[start + 2..])) {
        let end = text[start..].find(')').map_or(text.len(), |end| start + end + 1);
        text.replace_range(start..end, "");
    }
    text
}

fn is_requirement(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|letter| matches!(letter, 'A'..='C'))
        && letters.next().is_some_and(|digit| digit.is_ascii_digit())
}

/// Declares the schemas of a word set in the forms that the contract uses: alone, in a list, or where it may be null.
macro_rules! vocabulary {
    ($($type:ident: $($form:ident $name:ident),+;)+) => {
        $($(pub(crate) fn $name() -> RefOr<Schema> {
            $form(one_of($type::ALL, $type::as_str, $type::ABOUT, $type::about))
        })+)+
    };
}

/// The states of an action, and of a submission that waits for a person before it is one.
pub(crate) fn receipt_status() -> RefOr<Schema> {
    let mut schema = one_of(ActionStatus::ALL, ActionStatus::as_str, ActionStatus::ABOUT, ActionStatus::about);
    let review = ReviewState::ALL.iter().filter(|state| **state != ReviewState::Approved);
    for state in review.filter(|state| state.as_str().parse::<ActionStatus>().is_err()) {
        let meaning = format!("\n- `{state}`: {}", plain(state.about()));
        schema.enum_values.get_or_insert_default().push(state.as_str().into());
        schema.description.get_or_insert_default().push_str(&meaning);
    }
    schema.into()
}

fn one(schema: Object) -> RefOr<Schema> {
    schema.into()
}

fn many(schema: Object) -> RefOr<Schema> {
    ArrayBuilder::new().items(schema).build().into()
}

fn optional_many(schema: Object) -> RefOr<Schema> {
    let nullable = SchemaType::from_iter([Type::Array, Type::Null]);
    ArrayBuilder::new().schema_type(nullable).items(schema).build().into()
}

fn optional(mut schema: Object) -> RefOr<Schema> {
    schema.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    if let Some(values) = &mut schema.enum_values {
        values.push(serde_json::Value::Null);
    }
    schema.into()
}

vocabulary! {
    ActionStatus: one action_status;
    Activity: one activity;
    AddressedTo: one addressed_to;
    AfterReview: optional optional_after_review;
    AfterUncertain: one after_uncertain, optional optional_after_uncertain;
    Answer: one answer, many answers;
    AreaKind: one area_kind, many area_kinds, optional optional_area_kind;
    AskStatus: one ask_status, optional optional_ask_status;
    AuditAction: one audit_action;
    Basis: one basis, optional optional_basis;
    BounceCause: one bounce_cause;
    BounceKind: one bounce_kind;
    CampaignStatus: one campaign_status, optional optional_campaign_status;
    ChallengeProvider: one challenge_provider;
    ChallengeRule: one challenge_rule, optional optional_challenge_rule;
    Channel: one channel, many channels, optional_many optional_channels;
    Confirmation: one confirmation, optional optional_confirmation;
    ConfirmedBy: optional optional_confirmed_by;
    ContactRole: one contact_role;
    DeliveryCommand: one delivery_command;
    Departure: one departure;
    DeliveryState: one delivery_state, optional optional_delivery_state;
    DigestDetail: one digest_detail;
    DigestInterval: one digest_interval, optional optional_digest_interval;
    DissolutionPhase: one dissolution_phase;
    HeldFor: optional optional_held_for;
    Interval: one interval;
    InvalidationState: one invalidation_state;
    InvalidationStep: one invalidation_step;
    Legislature: one legislature;
    Locale: one locale, many locales, optional optional_locale;
    MailKind: one mail_kind;
    Means: one means;
    Nation: one nation, many nations, optional optional_nation, optional_many optional_nations;
    Outcome: one outcome;
    Office: one office, many offices, optional optional_office;
    OrganisationStatus: one organisation_status, optional optional_organisation_status;
    PaceScope: one pace_scope;
    PermissionReason: one permission_reason;
    PauseReason: optional optional_pause_reason;
    PersonalMessageRule: one personal_message_rule, optional optional_personal_message_rule;
    RateOf: one rate_of;
    Reachability: one reachability;
    ReportReason: one report_reason;
    ReportStatus: one report_status;
    RequestCommand: one request_command;
    RequestKind: one request_kind;
    RequestStatus: one request_status;
    Route: one route, optional optional_route;
    SoftOptInCondition: many soft_opt_in_conditions;
    SpecialCategoryCondition: optional optional_special_category_condition;
    Stance: one stance;
    ReviewDecision: one review_decision;
    ReviewState: one review_state;
    Signal: one signal, many signals;
    StopScope: one stop_scope;
    StoppedWork: one stopped_work, optional optional_stopped_work;
    WhenSeatFilled: one when_seat_filled, optional optional_when_seat_filled;
    WriteTo: one write_to, optional optional_write_to;
}
/// Declares types that show a word set as a parameter: `#[param(value_type = Option<vocabulary::OfficeWord>, inline)]`. With
/// `schema_with`, utoipa leaves out what a parameter is for, its example, and that it is required.
macro_rules! parameters {
    ($($type:ident: $schema:ident;)+) => {
        $(pub(crate) struct $type;

        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $schema()
            }
        }

        impl ToSchema for $type {})+
    };
}

parameters! {
    ActionStatusWord: action_status;
    AreaKindWord: area_kind;
    AuditActionWord: audit_action;
    BounceCauseWord: bounce_cause;
    CampaignStatusWord: campaign_status;
    DeliveryStateWord: delivery_state;
    IntervalWord: interval;
    LegislatureWord: legislature;
    NationWord: nation;
    OfficeWord: office;
    ReviewStateWord: review_state;
    OrganisationStatusWord: organisation_status;
    ReportStatusWord: report_status;
    RequestKindWord: request_kind;
    RequestStatusWord: request_status;
}
