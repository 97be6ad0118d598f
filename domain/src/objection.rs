//! Objections: "do not do this with my data", per processing activity (UK GDPR 21, B6).

use crate::consent::Wordings;
use crate::words::words;
use crate::{FieldErrors, Findings, Flaw, Locale};

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

/// One version of a notice.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NoticeVersion {
    /// Counts up from 1.
    pub version: i32,
    /// The words shown.
    pub wordings: Wordings,
}

/// What a form says about one activity, with a box to object to it, in all its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectionNotice {
    activity: Activity,
    earlier: Vec<NoticeVersion>,
    current: NoticeVersion,
}

impl ObjectionNotice {
    /// A new notice, at version 1.
    pub fn new(activity: Activity, wordings: Wordings) -> Self {
        Self { activity, earlier: Vec::new(), current: NoticeVersion { version: 1, wordings } }
    }

    /// A stored notice. `None` without any version.
    pub fn restore(activity: Activity, mut versions: Vec<NoticeVersion>) -> Option<Self> {
        versions.sort_by_key(|version| version.version);
        let current = versions.pop()?;
        Some(Self { activity, earlier: versions, current })
    }

    /// The same notice with these words: the same version where nothing changed, else the next.
    #[must_use]
    pub fn reworded(mut self, wordings: Wordings) -> Self {
        if self.current.wordings != wordings {
            let version = self.current.version.saturating_add(1);
            let before = std::mem::replace(&mut self.current, NoticeVersion { version, wordings });
            self.earlier.push(before);
        }
        self
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

    /// The language and words shown now to somebody who reads `locale`.
    pub fn wording(&self, locale: Locale, default: Locale) -> (Locale, &str) {
        self.current.wordings.shown(locale, default)
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &NoticeVersion> {
        self.earlier.iter().chain([&self.current])
    }
}

/// An objection as a form sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectionRaised {
    /// The activity that the person forbids.
    pub activity: Activity,
    /// The version of the notice that was shown.
    pub version: i32,
}

/// An objection worth recording.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewObjection {
    /// The activity that the person forbids.
    pub activity: Activity,
    /// The version of the notice that was shown.
    pub version: i32,
    /// The language it was shown in.
    pub locale: Locale,
}

/// The objections worth recording, in the order raised; each once.
///
/// An objection to something the campaign gives no notice of, or to a version that was never shown, is a field error: what was
/// shown could not be proved.
pub fn hear(
    notices: &[ObjectionNotice],
    raised: &[ObjectionRaised],
    locale: Locale,
    default: Locale,
) -> Result<Vec<NewObjection>, FieldErrors> {
    let mut findings = Findings::new();
    let mut heard = Vec::with_capacity(raised.len());
    for (index, objection) in raised.iter().enumerate() {
        let known_before = raised.iter().take(index).any(|before| before.activity == objection.activity);
        match shown(notices, *objection) {
            Ok(_) if known_before => {}
            Ok(notice) => heard.push(NewObjection {
                activity: objection.activity,
                version: objection.version,
                locale: notice.wordings.shown(locale, default).0,
            }),
            Err((field, flaw)) => findings.note(format!("/objections/{index}/{field}"), flaw),
        }
    }
    findings.finish(Some(heard))
}

/// The notice that was shown, or the field that names none.
fn shown(notices: &[ObjectionNotice], raised: ObjectionRaised) -> Result<&NoticeVersion, (&'static str, Flaw)> {
    let notice = notices.iter().find(|notice| notice.activity == raised.activity);
    let notice =
        notice.ok_or(("activity", Flaw::new("objection_not_offered", "this campaign gives no such notice")))?;
    let version = notice.versions().find(|version| version.version == raised.version);
    version.ok_or(("version", Flaw::new("objection_version_unknown", "there is no such version of the notice")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn wordings(text: &str) -> Wordings {
        Wordings::new(BTreeMap::from([(Locale::En, text.to_owned())])).unwrap()
    }

    fn notices() -> Vec<ObjectionNotice> {
        let notice = ObjectionNotice::new(Activity::WealthResearch, wordings("We estimate what you could give."));
        vec![notice.reworded(wordings("We may estimate what you could give."))]
    }

    fn heard(raised: &[(Activity, i32)]) -> Result<Vec<NewObjection>, FieldErrors> {
        let raised: Vec<_> = raised
            .iter()
            .map(|(activity, version)| ObjectionRaised { activity: *activity, version: *version })
            .collect();
        hear(&notices(), &raised, Locale::Cy, Locale::En)
    }

    #[test]
    fn an_objection_is_recorded_once_with_what_was_shown() {
        let expected = NewObjection { activity: Activity::WealthResearch, version: 1, locale: Locale::En };
        assert_eq!(heard(&[(Activity::WealthResearch, 1), (Activity::WealthResearch, 2)]), Ok(vec![expected]));
        assert_eq!(heard(&[]), Ok(vec![]));
    }

    #[test]
    fn an_objection_to_what_was_never_shown_is_refused() {
        let errors = heard(&[(Activity::WealthResearch, 3), (Activity::TracingNewAddress, 1)]).unwrap_err();
        let pointers: Vec<_> = errors.iter().map(crate::FieldError::pointer).collect();
        assert_eq!(pointers, ["/objections/0/version", "/objections/1/activity"]);
    }

    #[test]
    fn the_same_words_make_no_new_version() {
        let [notice] = &notices()[..] else { panic!("one notice") };
        assert_eq!(notice.version(), 2);
        assert_eq!(notice.clone().reworded(wordings("We may estimate what you could give.")).version(), 2);
    }
}
