//! One newtype per id, so that a campaign's id can never stand where an action's belongs.

/// Declares id newtypes over UUIDs. Fresh ids are drawn by the shell: the domain has neither clock nor dice.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Takes a UUID as this kind of id.
            pub const fn new(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID, for storage and for the wire.
            pub const fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                uuid::Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// An organisation: the data controller.
    OrganisationId,
    /// A campaign.
    CampaignId,
    /// One numbered demand of a campaign.
    AskId,
    /// One version of one template.
    TemplateId,
    /// One edition: everything a campaign's letters are made of, except the people.
    EditionId,
    /// A consent question in all its versions.
    QuestionId,
    /// A notice with a right to object in all its versions.
    NoticeId,
    /// A person holding an office for an area between two dates.
    RepresentativeId,
    /// What people reported about one representative for one reason.
    AddressReportId,
    /// One report by one person.
    RemarkId,
    /// A person known to one organisation.
    SupporterId,
    /// One supporter's participation in one campaign.
    ActionId,
    /// One message of an action to one representative.
    DeliveryId,
    /// One mail to a supporter.
    MailId,
    /// One mail to a representative in place of several letters.
    DigestId,
    /// One refusal for good, or one report about what was sent.
    BounceId,
    /// One stop of what is sent.
    StopId,
    /// One alarm.
    AlarmId,
    /// One invalidation of submissions.
    InvalidationId,
    /// One thing that an administrator did.
    AuditEntryId,
    /// One answer to one consent question, for one channel.
    ConsentId,
    /// One file's worth of postcodes.
    LayerId,
    /// One objection, or one that was taken back.
    ObjectionId,
    /// One change of a person's answers or objections outside a form.
    PreferenceChangeId,
    /// One request about a person's data, or a complaint.
    RequestId,
    /// A worker's claim on a row; a worker that lost it may not settle.
    LeaseToken,
}
