//! Values in memory that are read on every request and seldom change (design: snapshots).

use crate::http::prepared::Prepared;
use crate::views::campaign::CampaignView;
use crate::views::notices::{NoticeView, notices};
use chrono::NaiveDate;
use postbag_domain::delivery::Stops;
use postbag_domain::{Directory, LetterText, LiveCampaign, Locale, Moderation, Organisation, OrganisationId};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

/// Every campaign that the public may see, at one revision.
#[derive(Default)]
pub(crate) struct Campaigns {
    by_slug: HashMap<String, Arc<PublicCampaign>>,
    newest_first: Vec<Arc<PublicCampaign>>,
}

/// A campaign that the public may see, with its page rendered.
pub(crate) struct PublicCampaign {
    pub(crate) live: LiveCampaign,
    pub(crate) view: CampaignView,
    pub(crate) page: Prepared,
    letters: BTreeMap<Locale, LetterText>,
}

impl Campaigns {
    /// Indexes the campaigns whose status the public may see.
    /// Their pages say what is going on in the `directory` on `day`, and what is stopped.
    pub(crate) fn of(
        campaigns: impl IntoIterator<Item = LiveCampaign>,
        directory: &Directory,
        stops: &Stops,
        day: NaiveDate,
    ) -> Self {
        let public = campaigns.into_iter().filter(|live| live.campaign.status().is_public());
        let mut newest_first: Vec<_> =
            public.map(|live| Arc::new(PublicCampaign::of(live, directory, stops, day))).collect();
        // Ids are drawn in the order of time (UUIDv7).
        newest_first.sort_by_key(|public| std::cmp::Reverse(public.live.campaign.id()));
        let by_slug = newest_first.iter().map(|public| (public.slug().to_owned(), Arc::clone(public))).collect();
        Self { by_slug, newest_first }
    }

    /// The campaign in paths under this slug.
    pub(crate) fn get(&self, slug: &str) -> Option<&Arc<PublicCampaign>> {
        self.by_slug.get(slug)
    }

    /// Every campaign, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Arc<PublicCampaign>> {
        self.newest_first.iter()
    }
}

impl PublicCampaign {
    fn of(live: LiveCampaign, directory: &Directory, stops: &Stops, day: NaiveDate) -> Self {
        let mut notices = notices(&live, directory, day, &live.campaign.content().nations);
        notices.extend(NoticeView::stops(&live, stops));
        let view = CampaignView::of(&live, notices);
        let page = Prepared::of(&view);
        let letters = letters(&live);
        Self { live, view, page, letters }
    }

    /// The rules of the organisation whose form it is: the campaign's own, or a partner's.
    pub(crate) fn moderation(&self, controller: OrganisationId) -> &Moderation {
        &self.organisation(controller).content.moderation
    }

    /// True if the organisation whose form it is keeps which client an action came from.
    pub(crate) fn keeps_clients(&self, controller: OrganisationId) -> bool {
        self.organisation(controller).content.retention.keeps_clients()
    }

    fn organisation(&self, controller: OrganisationId) -> &Organisation {
        let found = self.live.organisations().find(|organisation| organisation.id == controller);
        found.unwrap_or(&self.live.organisation)
    }

    /// What its letters say in a language, for comparison.
    pub(crate) fn letter(&self, locale: Locale) -> &LetterText {
        static NONE: LazyLock<LetterText> = LazyLock::new(LetterText::default);
        let default = self.live.campaign.content().default_locale;
        self.letters.get(&locale).or_else(|| self.letters.get(&default)).unwrap_or(&NONE)
    }

    /// Its slug.
    pub(crate) fn slug(&self) -> &str {
        self.live.campaign.content().slug.as_str()
    }
}

/// The texts of a campaign's letters, by language.
fn letters(live: &LiveCampaign) -> BTreeMap<Locale, LetterText> {
    let mut texts: BTreeMap<Locale, Vec<&str>> = BTreeMap::new();
    for template in &live.edition.content().templates {
        texts.entry(template.source.locale()).or_default().push(template.source.body());
    }
    texts.into_iter().map(|(locale, texts)| (locale, LetterText::of(texts))).collect()
}
