//! What people ought to know of their representatives before they write.

use crate::views::vocabulary;
use chrono::NaiveDate;
use postbag_domain::delivery::{Stop, Stops};
use postbag_domain::{
    Directory, Dissolution, DissolutionPhase, Legislature, LiveCampaign, Nation, Office, WhenSeatFilled,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that people ought to know before they write.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(tag = "code", rename_all = "snake_case")]
#[schema(examples(json!({
    "code": "dissolution", "detail": "The House of Commons was dissolved on 2029-03-30; its election is on 2029-05-03. \
     Nobody holds its seats, so nothing is sent to them.",
    "legislature": "house_of_commons", "offices": ["mp"], "phase": "dissolved", "dissolved_on": "2029-03-30",
    "election_on": "2029-05-03"
})))]
pub(crate) enum NoticeView {
    /// A legislature is dissolved, or will be.
    Dissolution {
        /// Sentences for people.
        detail: String,
        #[schema(schema_with = vocabulary::legislature)]
        legislature: &'static str,
        /// The campaign's offices that it is about.
        #[schema(schema_with = vocabulary::offices)]
        offices: Vec<&'static str>,
        #[schema(schema_with = vocabulary::dissolution_phase)]
        phase: &'static str,
        /// From this day on all seats are vacant.
        dissolved_on: NaiveDate,
        /// The day of the election, where it is known.
        election_on: Option<NaiveDate>,
    },
    /// An administrator holds something back for a while.
    Stopped {
        /// Sentences for people, in the campaign's language.
        detail: String,
        #[schema(schema_with = vocabulary::stopped_work)]
        work: &'static str,
    },
    /// No file says for which area the postcode votes, so nobody is found for these offices.
    AreaUnknown {
        /// Sentences for people.
        detail: &'static str,
        #[schema(schema_with = vocabulary::offices)]
        offices: Vec<&'static str>,
    },
    /// The postcode is of one large user of the mail.
    LargeUser {
        /// Sentences for people.
        detail: &'static str,
    },
}

/// What is going on with a campaign's legislatures on `day`, for the people of these nations.
pub(crate) fn notices(
    live: &LiveCampaign,
    directory: &Directory,
    day: NaiveDate,
    nations: &[Nation],
) -> Vec<NoticeView> {
    let legislatures = Legislature::ALL.iter().copied();
    let dissolutions = legislatures.filter_map(|legislature| directory.dissolution(legislature, day));
    dissolutions.filter_map(|dissolution| NoticeView::dissolution(live, dissolution, day, nations)).collect()
}

impl NoticeView {
    /// A notice of each stop that concerns everybody in a campaign.
    pub(crate) fn stops(live: &LiveCampaign, stops: &Stops) -> impl Iterator<Item = Self> {
        let locale = live.campaign.content().default_locale;
        let notice = move |stop: &Stop| Self::Stopped {
            detail: stop.words(locale, locale).to_owned(),
            work: stop.work.as_str(),
        };
        stops.of_campaign(live.organisation.id, live.campaign.id()).map(notice)
    }

    /// The notice on offices whose area is not known for this postcode, if there are any.
    pub(crate) fn area_unknown(unplaced: &[Office]) -> Option<Self> {
        (!unplaced.is_empty()).then(|| Self::AreaUnknown {
            detail: "For these offices it is not known who represents this postcode, so nobody is written to there.",
            offices: unplaced.iter().map(|office| office.as_str()).collect(),
        })
    }

    /// The notice on an organisation's postcode, or on that of a post office's boxes.
    pub(crate) const fn large_user() -> Self {
        Self::LargeUser {
            detail: "This postcode is of an organisation or of a post office's boxes. Letters from an office's address may be \
                set aside: better give the postcode of your home.",
        }
    }

    /// The notice of a dissolution, if the campaign writes to that legislature.
    fn dissolution(live: &LiveCampaign, dissolution: &Dissolution, day: NaiveDate, nations: &[Nation]) -> Option<Self> {
        let terms = live.campaign.content();
        let concerned = |office: &&Office| {
            office.legislature() == Some(dissolution.legislature())
                && nations.iter().any(|nation| terms.office_rule(**office).holds_in(*nation))
        };
        let offices: Vec<_> = terms.offices.iter().filter(concerned).map(|office| office.as_str()).collect();
        (!offices.is_empty()).then(|| Self::Dissolution {
            detail: detail(dissolution, dissolution.phase(day), terms.when_seat_filled),
            legislature: dissolution.legislature().as_str(),
            offices,
            phase: dissolution.phase(day).as_str(),
            dissolved_on: dissolution.dissolved_on(),
            election_on: dissolution.election_on(),
        })
    }
}

fn detail(dissolution: &Dissolution, phase: DissolutionPhase, setting: WhenSeatFilled) -> String {
    let (name, on) = (capitalised(dissolution.legislature().name()), dissolution.dissolved_on());
    let election = dissolution.election_on().map(|day| format!("; its election is on {day}")).unwrap_or_default();
    let unsent = match setting {
        WhenSeatFilled::SendToSuccessor => "Messages that were not sent by then go to the member who is elected.",
        WhenSeatFilled::Cancel => "Messages that were not sent by then are cancelled once the seats are filled.",
    };
    match phase {
        DissolutionPhase::Announced => {
            format!("{name} will be dissolved on {on}{election}. From that day on nobody holds its seats. {unsent}")
        }
        DissolutionPhase::Dissolved => {
            format!(
                "{name} was dissolved on {on}{election}. Nobody holds its seats, so nothing is sent to them. {unsent}"
            )
        }
        DissolutionPhase::Elected => {
            format!("{name} was newly elected, and its members are not known here yet. {unsent}")
        }
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
