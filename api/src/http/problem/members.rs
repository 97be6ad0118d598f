//! The members that some kinds of problem have besides those of RFC 9457.

use crate::views::challenge::ChallengeOfferView;
use crate::views::choice::ChoiceView;
use crate::views::review::ReasonView;
use crate::views::skipped::SkippedView;
use crate::views::vocabulary;
use utoipa::ToSchema;

/// Every further member, each with the kinds of problem that have it. Only its schema is used.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it describes what Problem::member adds")]
pub(super) struct ProblemMembers<'a> {
    /// `campaign-not-live`.
    #[schema(schema_with = vocabulary::campaign_status, required = false)]
    campaign_status: &'a str,
    /// `campaign-not-yet-open`.
    #[schema(format = "date-time", required = false)]
    opens_at: &'a str,
    /// `campaign-closed`.
    #[schema(format = "date-time", required = false)]
    closed_at: &'a str,
    /// `outside-nations`: where the postcode lies.
    #[schema(schema_with = vocabulary::nation, required = false)]
    nation: &'a str,
    /// `outside-nations`: whose people may take part.
    #[schema(schema_with = vocabulary::nations, required = false)]
    nations: Vec<&'a str>,
    /// `no-reachable-representative`: each representative, and why not.
    #[schema(required = false)]
    skipped: Vec<SkippedView>,
    /// `area-choice-needed`: the candidates to offer the person. `postcode-unknown`: areas that all known postcodes around it share,
    /// for the person to confirm.
    #[schema(required = false)]
    choices: Vec<ChoiceView<'a>>,
    /// `area-choice-wrong`: which choices are wrong.
    #[schema(schema_with = vocabulary::area_kinds, required = false)]
    kinds: Vec<&'a str>,
    /// `postcode-terminated`: the month in which Royal Mail ended it.
    #[schema(required = false, example = "2021-06")]
    ended: &'a str,
    /// `postcode-crown-dependency`.
    #[schema(required = false, example = "jersey")]
    dependency: &'a str,
    /// `postcode-overseas`.
    #[schema(required = false, example = "Gibraltar")]
    territory: &'a str,
    /// `letter-not-composed`.
    #[schema(schema_with = vocabulary::office, required = false)]
    office: &'a str,
    /// `transition-not-allowed`.
    #[schema(schema_with = vocabulary::campaign_status, required = false)]
    from: &'a str,
    /// `transition-not-allowed`.
    #[schema(schema_with = vocabulary::campaign_status, required = false)]
    to: &'a str,
    /// `content-too-large`: the most bytes that are read.
    #[schema(required = false)]
    limit: u64,
    /// `scope-insufficient`: the scope that is needed.
    #[schema(required = false, example = "campaigns:write")]
    scope: &'a str,
    /// `submissions-stopped`: what the person reads, in their language.
    #[schema(required = false, example = "No messages can be sent at the moment. Please come back later.")]
    notice: &'a str,
    /// `submission-refused`: each reason, with words for the person in their language.
    #[schema(required = false)]
    reasons: Vec<ReasonView>,
    /// `challenge-needed`, `challenge-wrong`, `challenge-expired`, `challenge-spent`: what to solve.
    #[schema(required = false)]
    challenge: ChallengeOfferView,
    /// `quota-exceeded`: the names of the policies, as in `RateLimit-Policy`.
    #[serde(rename = "violated-policies")]
    #[schema(required = false)]
    violated_policies: Vec<&'a str>,
}
