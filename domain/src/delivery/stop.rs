//! Stops: what administrators hold back, until they let it go again.

use crate::words::words;
use crate::{CampaignId, DomainName, Flaw, Locale, OrganisationId, RepresentativeId, StopId, Wordings};
use chrono::{DateTime, Utc};
use uuid::Uuid;

words! {
    /// What a stop is about.
    StopScope, "stop_scope_unknown" {
        /// Everything.
        Everything = "everything",
        /// An organisation: what it sends, and submissions to its campaigns and through its forms.
        Organisation = "organisation",
        /// A campaign. To pause it for the public, change its status.
        Campaign = "campaign",
        /// Letters to a representative.
        Representative = "representative",
        /// Submissions with addresses at a domain, or below it.
        Domain = "domain",
    }
}

words! {
    /// The work that a stop holds back.
    StoppedWork, "stopped_work_unknown" {
        /// Letters and mails wait. Submissions are accepted.
        Sending = "sending",
        /// Submissions are refused. What was submitted is sent.
        Submissions = "submissions",
        /// Both.
        Both = "both",
    }
}

impl StoppedWork {
    /// True if letters and mails wait.
    pub const fn stops_sending(self) -> bool {
        match self {
            Self::Sending | Self::Both => true,
            Self::Submissions => false,
        }
    }

    /// True if submissions are refused.
    pub const fn stops_submissions(self) -> bool {
        match self {
            Self::Submissions | Self::Both => true,
            Self::Sending => false,
        }
    }
}

/// What is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything.
    Everything,
    /// An organisation.
    Organisation(OrganisationId),
    /// A campaign.
    Campaign(CampaignId),
    /// Letters to a representative.
    Representative(RepresentativeId),
    /// Submissions with addresses at a domain, or below it.
    Domain(DomainName),
}

impl Stopped {
    /// What kind of thing it is.
    pub const fn scope(&self) -> StopScope {
        match self {
            Self::Everything => StopScope::Everything,
            Self::Organisation(_) => StopScope::Organisation,
            Self::Campaign(_) => StopScope::Campaign,
            Self::Representative(_) => StopScope::Representative,
            Self::Domain(_) => StopScope::Domain,
        }
    }

    /// Its id; nil for everything, and none for a domain.
    pub const fn subject(&self) -> Option<Uuid> {
        match self {
            Self::Everything => Some(Uuid::nil()),
            Self::Organisation(id) => Some(id.uuid()),
            Self::Campaign(id) => Some(id.uuid()),
            Self::Representative(id) => Some(id.uuid()),
            Self::Domain(_) => None,
        }
    }

    /// The domain, if it is one.
    pub const fn domain(&self) -> Option<&DomainName> {
        match self {
            Self::Domain(domain) => Some(domain),
            Self::Everything | Self::Organisation(_) | Self::Campaign(_) | Self::Representative(_) => None,
        }
    }

    /// The work that is stopped unless somebody says otherwise: all of it that can be.
    pub const fn usual_work(&self) -> StoppedWork {
        match self {
            Self::Everything | Self::Organisation(_) | Self::Campaign(_) => StoppedWork::Both,
            Self::Representative(_) => StoppedWork::Sending,
            Self::Domain(_) => StoppedWork::Submissions,
        }
    }

    /// What was stored as a scope, an id and a domain; nothing for a domain without its name.
    pub fn of(scope: StopScope, subject: Uuid, domain: Option<DomainName>) -> Option<Self> {
        Some(match scope {
            StopScope::Everything => Self::Everything,
            StopScope::Organisation => Self::Organisation(OrganisationId::new(subject)),
            StopScope::Campaign => Self::Campaign(CampaignId::new(subject)),
            StopScope::Representative => Self::Representative(RepresentativeId::new(subject)),
            StopScope::Domain => Self::Domain(domain?),
        })
    }

    /// Goes on if this work of it can be stopped: nobody submits to a representative alone, and nothing is sent to a domain alone.
    pub fn allow(&self, work: StoppedWork) -> Result<(), Flaw> {
        let only = match self {
            Self::Everything | Self::Organisation(_) | Self::Campaign(_) => return Ok(()),
            Self::Representative(_) => StoppedWork::Sending,
            Self::Domain(_) => StoppedWork::Submissions,
        };
        let flaw = || Flaw::new("work_not_stoppable", format!("must be {only} for a {}", self.scope()));
        if work == only { Ok(()) } else { Err(flaw()) }
    }
}

/// A stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Its id.
    pub id: StopId,
    /// What is stopped.
    pub stopped: Stopped,
    /// The work that is held back.
    pub work: StoppedWork,
    /// What the public reads of it, where staff wrote something.
    pub notice: Option<Wordings>,
    /// Why, for other administrators.
    pub note: String,
    /// The organisation that made it, or changed it last; nothing for the operator, whose stops nobody else lifts.
    pub made_by: Option<OrganisationId>,
    /// The subject of the token that it was made with, or changed last.
    pub created_by: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

impl Stop {
    /// What the public reads of it, in a language or else in `default`.
    pub fn words(&self, locale: Locale, default: Locale) -> &str {
        match &self.notice {
            Some(notice) => notice.shown(locale, default).1,
            None => built_in_words(self.work, locale),
        }
    }
}

const fn built_in_words(work: StoppedWork, locale: Locale) -> &'static str {
    match (work.stops_submissions(), locale) {
        (true, Locale::En) => "No messages can be sent at the moment. Please come back later.",
        (true, Locale::Cy) => "Ni ellir anfon negeseuon ar hyn o bryd. Dewch yn ôl yn nes ymlaen.",
        (true, Locale::Gd) => "Chan urrainnear teachdaireachdan a chur an-dràsta. Tillibh uaireigin eile.",
        (false, Locale::En) => "Messages are held back at the moment. They will leave later.",
        (false, Locale::Cy) => "Mae negeseuon yn cael eu dal yn ôl ar hyn o bryd. Byddant yn gadael yn nes ymlaen.",
        (false, Locale::Gd) => "Tha teachdaireachdan gan cumail air ais an-dràsta. Thèid an cur uaireigin eile.",
    }
}

/// Whom a submission concerns, as far as stops go.
#[derive(Clone, Copy, Debug)]
pub struct Submitted<'a> {
    /// The organisation of the campaign.
    pub owner: OrganisationId,
    /// The organisation whose form it came through.
    pub controller: OrganisationId,
    /// The campaign.
    pub campaign: CampaignId,
    /// The domain of the supporter's address.
    pub domain: &'a str,
}

/// All stops.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stops(Vec<Stop>);

impl Stops {
    /// Takes stops in the order of making.
    pub const fn new(stops: Vec<Stop>) -> Self {
        Self(stops)
    }

    /// The stop that refuses a submission, if there is one; of several, one of which staff wrote something.
    pub fn refusal(&self, submitted: &Submitted<'_>) -> Option<&Stop> {
        let concerns = |stop: &&Stop| match &stop.stopped {
            Stopped::Everything => true,
            Stopped::Organisation(id) => *id == submitted.owner || *id == submitted.controller,
            Stopped::Campaign(id) => *id == submitted.campaign,
            Stopped::Domain(domain) => domain.covers(submitted.domain),
            Stopped::Representative(_) => false,
        };
        let refusing = || self.0.iter().filter(|stop| stop.work.stops_submissions()).filter(concerns);
        refusing().find(|stop| stop.notice.is_some()).or_else(|| refusing().next())
    }

    /// The stops that everybody who takes part in a campaign ought to know of.
    pub fn of_campaign(&self, owner: OrganisationId, campaign: CampaignId) -> impl Iterator<Item = &Stop> {
        self.0.iter().filter(move |stop| match &stop.stopped {
            Stopped::Everything => true,
            Stopped::Organisation(id) => *id == owner,
            Stopped::Campaign(id) => *id == campaign,
            Stopped::Representative(_) | Stopped::Domain(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: OrganisationId = OrganisationId::new(Uuid::from_u128(1));
    const PARTNER: OrganisationId = OrganisationId::new(Uuid::from_u128(2));
    const CAMPAIGN: CampaignId = CampaignId::new(Uuid::from_u128(3));

    fn stop(stopped: Stopped, work: StoppedWork) -> Stop {
        Stop {
            id: StopId::new(Uuid::from_u128(9)),
            stopped,
            work,
            notice: None,
            note: "A flood.".to_owned(),
            made_by: None,
            created_by: "ops".to_owned(),
            created_at: "2026-12-01T09:00:00Z".parse().unwrap(),
        }
    }

    fn refuses(stopped: Stopped, work: StoppedWork) -> bool {
        let submitted = Submitted { owner: OWNER, controller: PARTNER, campaign: CAMPAIGN, domain: "mail.example.org" };
        Stops::new(vec![stop(stopped, work)]).refusal(&submitted).is_some()
    }

    #[test]
    fn a_submission_is_refused_by_a_stop_of_anything_it_belongs_to() {
        let domain = |name: &str| Stopped::Domain(DomainName::parse(name).unwrap());
        let others = [Stopped::Campaign(CampaignId::new(Uuid::from_u128(4))), domain("example.com")];
        let own = [
            Stopped::Everything,
            Stopped::Organisation(OWNER),
            Stopped::Organisation(PARTNER),
            Stopped::Campaign(CAMPAIGN),
            domain("example.org"),
        ];
        for stopped in own {
            assert!(refuses(stopped.clone(), StoppedWork::Both) && refuses(stopped.clone(), StoppedWork::Submissions));
            assert!(!refuses(stopped, StoppedWork::Sending));
        }
        assert!(others.into_iter().all(|stopped| !refuses(stopped, StoppedWork::Both)));
    }

    #[test]
    fn only_what_can_be_held_back_is_stopped() {
        let domain = Stopped::Domain(DomainName::parse("example.org").unwrap());
        let representative = Stopped::Representative(RepresentativeId::new(Uuid::nil()));
        for (stopped, only) in [(domain, StoppedWork::Submissions), (representative, StoppedWork::Sending)] {
            for work in StoppedWork::ALL {
                assert_eq!(stopped.allow(*work).is_ok(), *work == only, "{work}");
            }
        }
        assert!(StoppedWork::ALL.iter().all(|work| Stopped::Everything.allow(*work).is_ok()));
    }

    #[test]
    fn the_public_reads_what_staff_wrote_or_what_is_built_in() {
        let mut stop = stop(Stopped::Everything, StoppedWork::Sending);
        assert!(stop.words(Locale::Cy, Locale::En).starts_with("Mae negeseuon"));
        stop.notice = Some(Wordings::new([(Locale::En, "Back on Monday.".to_owned())].into()).unwrap());
        assert_eq!(stop.words(Locale::Cy, Locale::En), "Back on Monday.");
    }
}
