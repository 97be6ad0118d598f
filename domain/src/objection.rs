//! Objections: "do not do this with my data", per processing activity (UK GDPR 21, B6).

use crate::consent::Wordings;
use crate::words::words;
use crate::{FieldErrors, Findings, Flaw, Locale, NoticeId, Slug};

words! {
    /// Something an organisation may do with personal data and a person may forbid at any time.
    Activity, "activity_unknown" {
        /// Finding a person's new address.
        TracingNewAddress = "tracing_new_address",
        /// Using data from other organisations with which the person once agreed to share it.
        ThirdPartyData = "third_party_data",
        /// Learning about a person from public sources.
        PublicSourceResearch = "public_source_research",
        /// Estimating what a person could give.
        WealthResearch = "wealth_research",
        /// Choosing by their data what a person is shown or asked.
        Profiling = "profiling",
        /// Showing a person advertisements chosen by their data.
        TargetedAdvertising = "targeted_advertising",
        /// Direct marketing of any kind. Objecting to it is absolute (UK GDPR 21(3), B7).
        DirectMarketing = "direct_marketing",
    }
}

/// What a notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeWords {
    /// The short text, beside the box to object.
    pub wordings: Wordings,
    /// The long text, for those who want to read more.
    pub long_wordings: Option<Wordings>,
}

/// One version of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeVersion {
    /// Counts up.
    pub version: i32,
    /// The words shown.
    pub words: NoticeWords,
}

/// What a form says about one activity, with a box to object to it, in all its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionNotice {
    id: NoticeId,
    is_of_library: bool,
    activity: Activity,
    earlier: Vec<NoticeVersion>,
    current: NoticeVersion,
}

impl ObjectionNotice {
    /// A new notice, kept in the library of its organisation or worded for one campaign.
    ///
    /// Forms name a version by its activity and number alone, and a campaign may change from one notice of an activity to another: the
    /// first number follows `after`, the highest that any of them has.
    pub fn new(id: NoticeId, is_of_library: bool, activity: Activity, words: NoticeWords, after: i32) -> Self {
        let current = NoticeVersion { version: after.saturating_add(1), words };
        Self { id, is_of_library, activity, earlier: Vec::new(), current }
    }

    /// A stored notice. `None` without any version.
    pub fn restore(
        id: NoticeId,
        is_of_library: bool,
        activity: Activity,
        mut versions: Vec<NoticeVersion>,
    ) -> Option<Self> {
        versions.sort_by_key(|version| version.version);
        let current = versions.pop()?;
        Some(Self { id, is_of_library, activity, earlier: versions, current })
    }

    /// The same notice with these words: the same version where nothing changed, else one after `after` and its own.
    #[must_use]
    pub fn reworded(mut self, words: NoticeWords, after: i32) -> Self {
        if self.current.words != words {
            let version = self.current.version.max(after).saturating_add(1);
            let before = std::mem::replace(&mut self.current, NoticeVersion { version, words });
            self.earlier.push(before);
        }
        self
    }

    /// Its identity, the same for every version.
    pub fn id(&self) -> NoticeId {
        self.id
    }

    /// True if it is kept in the library of its organisation; otherwise a campaign words it for itself.
    pub fn is_of_library(&self) -> bool {
        self.is_of_library
    }

    /// The activity it is about.
    pub fn activity(&self) -> Activity {
        self.activity
    }

    /// The version that forms show now.
    pub fn current(&self) -> &NoticeVersion {
        &self.current
    }

    /// The number of the version that forms show now.
    pub fn version(&self) -> i32 {
        self.current.version
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &NoticeVersion> {
        self.earlier.iter().chain([&self.current])
    }
}

/// An objection as a form sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionRaised {
    /// The organisation that gives notice of the activity; the campaign's own when absent.
    pub organisation: Option<Slug>,
    /// The activity that the person forbids.
    pub activity: Activity,
    /// The version of the notice that was shown.
    pub version: i32,
}

/// An objection worth recording.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewObjection {
    /// The notice that was shown; absent where an answer was stored before it was recorded.
    #[serde(default)]
    pub notice_id: Option<NoticeId>,
    /// The activity that the person forbids.
    pub activity: Activity,
    /// The version of the notice that was shown.
    pub version: i32,
    /// The language it was shown in.
    pub locale: Locale,
}

/// The objections worth recording, in the order raised; each activity once. Each comes with its place in the document.
///
/// `notices` are all that the campaign shows or once showed: a form that was loaded before a notice went is heard as well. An objection
/// to something of which it never gave notice, or to a version that was never shown, is a field error: what was shown could not be
/// proved.
pub fn hear<'n>(
    notices: &(impl Iterator<Item = &'n ObjectionNotice> + Clone),
    raised: &[(usize, &ObjectionRaised)],
    locale: Locale,
    default: Locale,
) -> Result<Vec<NewObjection>, FieldErrors> {
    let mut findings = Findings::new();
    let mut heard = Vec::with_capacity(raised.len());
    for (position, (index, objection)) in raised.iter().enumerate() {
        let known_before = raised.iter().take(position).any(|(_, before)| before.activity == objection.activity);
        match shown(notices.clone(), objection) {
            Ok(_) if known_before => {}
            Ok((notice, version)) => heard.push(NewObjection {
                notice_id: Some(notice.id),
                activity: objection.activity,
                version: objection.version,
                locale: version.words.wordings.shown(locale, default).0,
            }),
            Err((field, flaw)) => findings.note(format!("/objections/{index}/{field}"), flaw),
        }
    }
    findings.finish(Some(heard))
}

/// The notice and the version that was shown, or the field that names none.
fn shown<'n>(
    notices: impl Iterator<Item = &'n ObjectionNotice>,
    raised: &ObjectionRaised,
) -> Result<(&'n ObjectionNotice, &'n NoticeVersion), (&'static str, Flaw)> {
    let mut of_activity = notices.filter(|notice| notice.activity == raised.activity).peekable();
    if of_activity.peek().is_none() {
        return Err(("activity", Flaw::new("objection_not_offered", "this campaign gives no such notice")));
    }
    let version = |notice: &'n ObjectionNotice| {
        notice.versions().find(|version| version.version == raised.version).map(|version| (notice, version))
    };
    let unknown = || ("version", Flaw::new("objection_version_unknown", "there is no such version of the notice"));
    of_activity.find_map(version).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn wordings(text: &str) -> Wordings {
        Wordings::new(BTreeMap::from([(Locale::En, text.to_owned())])).unwrap()
    }

    fn words(text: &str) -> NoticeWords {
        NoticeWords { wordings: wordings(text), long_wordings: None }
    }

    fn notice(id: u128, text: &str, after: i32) -> ObjectionNotice {
        ObjectionNotice::new(NoticeId::new(Uuid::from_u128(id)), false, Activity::WealthResearch, words(text), after)
    }

    /// A notice in two versions, and another that the campaign once showed.
    fn notices() -> Vec<ObjectionNotice> {
        let shown = notice(1, "We estimate what you could give.", 0);
        let shown = shown.reworded(words("We may estimate what you could give."), 5);
        vec![shown, notice(2, "We estimate your wealth.", 3)]
    }

    fn heard(raised: &[(Activity, i32)]) -> Result<Vec<NewObjection>, FieldErrors> {
        let raised: Vec<_> = raised
            .iter()
            .map(|(activity, version)| ObjectionRaised { organisation: None, activity: *activity, version: *version })
            .collect();
        let raised: Vec<_> = raised.iter().enumerate().collect();
        hear(&notices().iter(), &raised, Locale::Cy, Locale::En)
    }

    #[test]
    fn an_objection_is_recorded_once_with_what_was_shown() {
        let expected = |id, version| NewObjection {
            notice_id: Some(NoticeId::new(Uuid::from_u128(id))),
            activity: Activity::WealthResearch,
            version,
            locale: Locale::En,
        };
        assert_eq!(heard(&[(Activity::WealthResearch, 1), (Activity::WealthResearch, 6)]), Ok(vec![expected(1, 1)]));
        assert_eq!(heard(&[(Activity::WealthResearch, 6)]), Ok(vec![expected(1, 6)]));
        assert_eq!(heard(&[]), Ok(vec![]));
        assert_eq!(heard(&[(Activity::WealthResearch, 4)]), Ok(vec![expected(2, 4)]), "a form from before the change");
    }

    #[test]
    fn an_objection_to_what_was_never_shown_is_refused() {
        let errors = heard(&[(Activity::WealthResearch, 3), (Activity::TracingNewAddress, 1)]).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(crate::FieldError::pointer).collect();
        assert_eq!(pointers, ["/objections/0/version", "/objections/1/activity"]);
    }

    #[test]
    fn new_words_make_a_version_that_no_other_notice_has() {
        let [notice, _] = &notices()[..] else { panic!("two notices") };
        assert_eq!(notice.version(), 6);
        assert_eq!(notice.clone().reworded(words("We may estimate what you could give."), 9).version(), 6);
        let long = NoticeWords { long_wordings: Some(wordings("In full.")), ..notice.current().words.clone() };
        assert_eq!(notice.clone().reworded(long, 0).version(), 7, "a long text is part of what is shown");
    }
}
