#![doc = include_str!("../README.md")]

pub mod action;
pub mod address_report;
pub mod alarm;
pub mod area;
pub mod ask;
pub mod audit;
pub mod body;
pub mod bounce;
pub mod calendar;
pub mod campaign;
pub mod challenge;
pub mod confirmation;
pub mod consent;
pub mod contact;
pub mod correction;
pub mod delivery;
pub mod digest;
pub mod directory;
pub mod dissolution;
pub mod edition;
pub mod flaw;
pub mod ids;
pub mod invalidation;
pub mod locale;
pub mod mail;
pub mod moderation;
pub mod network;
pub mod objection;
pub mod office;
pub mod organisation;
pub mod origin;
pub mod originality;
mod parsed;
pub mod permission;
pub mod representative;
pub mod retention;
pub mod rights_request;
pub mod signal;
pub mod slug;
pub mod submission_limits;
pub mod supporter;
pub mod tally;
pub mod template;
pub mod text;
mod words;

pub use action::{Accepted, ActionStatus, NewAction, NewConsent, NewDelivery, Skipped, Source, Submission};
pub use address_report::{AddressReport, Remark, ReportReason, ReportStatus};
pub use area::{Area, AreaCode, AreaKey, AreaKind, Nation};
pub use ask::{AddressedTo, Ask, AskFields, AskStatus};
pub use audit::{AuditAction, AuditEntry};
pub use body::Body;
pub use bounce::{BounceCause, BounceKind, BounceReport, Bounced, EnhancedStatus, Refusal, Returned, Verdict};
pub use calendar::{uk_clock, uk_day, uk_midnight};
pub use campaign::{
    AfterUncertain, AnswersElsewhere, AreaCandidate, Campaign, CampaignContent, CampaignFields, CampaignStatus,
    CampaignTerms, Confirmation, Coverage, LiveCampaign, Missing, OfficeCoverage, OfficeRule, OfficeRuleFields,
    OfficeTargets, Partner, PersonalMessageRule, Preview, Previews, Reachability, Readiness, SpecialCategoryCondition,
    SubmitError, Target, Targets, TransitionError, WhenSeatFilled, WriteTo, Written,
};
pub use challenge::{ChallengeProvider, ChallengeRule};
pub use confirmation::ConfirmedBy;
pub use consent::{
    Answer, AnswerGiven, Channel, ConsentAnswer, ConsentQuestion, Purpose, QuestionTerms, QuestionVersion, Wordings,
};
pub use contact::{
    AddressLines, CrownDependency, DomainName, EmailAddress, PersonName, Phone, PostalAddress, Postcode, PostcodeKey,
    SpecialPostcode,
};
pub use correction::Correction;
pub use delivery::{Addressed, DeliveryEvent, DeliveryState, ForbiddenTransition, HeldFor, Recipient};
pub use digest::{
    DigestDetail, DigestEntry, DigestInterval, DigestRule, DigestRuleFields, DigestSection, compose_digest,
};
pub use directory::{
    AreaChoice, AreaChoices, Country, Directory, DirectoryParts, Disagreement, LookedUpPostcode, Place, PlaceError,
    PostcodeAnswer, PostcodeLayer, PostcodeTable, PostcodeTableBuilder, Share, YearMonth,
};
pub use dissolution::{Dissolution, DissolutionPhase};
pub use edition::{
    Addressee, ComposeError, ComposeReason, Edition, EditionAsk, EditionContent, Letter, LetterPart, NamedArea,
    OfficePages, TemplateError,
};
pub use flaw::{FieldError, FieldErrors, Findings, Flaw};
pub use ids::*;
pub use invalidation::{Candidate, ClientTag, ConditionFields, Conditions, InvalidationState, InvalidationStep};
pub use locale::Locale;
pub use mail::{ConfirmationRequest, MailAbout, MailKind, MailTemplate, MailTemplateFields, MailText, MailValues};
pub use moderation::{
    AfterReview, Moderation, ModerationFields, Outcome, ReviewDecision, ReviewQueue, ReviewState, ReviewTerms,
    ReviewTermsFields, RuleFields, Ruling,
};
pub use network::Network;
pub use objection::{Activity, NewObjection, NoticeVersion, NoticeWords, ObjectionNotice, ObjectionRaised};
pub use office::{Legislature, Office};
pub use organisation::{
    Contact, ContactFields, ContactRole, Organisation, OrganisationContent, OrganisationFields, OrganisationStatus,
    OrganisationTerms, PrivacyNotice, PrivacyNoticeFields, Processor, ProcessorFields,
};
pub use origin::{Origin, WebPage, WebUrl};
pub use originality::{Crowd, LetterText, Originality, Sketch};
pub use permission::{
    Basis, ChangeEntries, Choice, Evidence, LedgerAnswer, LedgerObjection, Means, Permission, PermissionReason,
    PreferenceChange, SoftOptIn, SoftOptInCondition, StaffNote, Stance, Standing,
};
pub use representative::{Representative, Route};
pub use retention::{Cutoffs, RetentionFields, RetentionRules};
pub use rights_request::{
    PauseReason, RequestCommand, RequestKind, RequestStatus, RequestStep, RequestWords, RightsRequest,
};
pub use signal::{Filling, Signal};
pub use slug::{Hashtag, Slug};
pub use submission_limits::{
    KnownNetwork, KnownNetworkFields, Rate, RateFields, SubmissionLimits, SubmissionLimitsFields,
};
pub use supporter::{PersonalMessage, SupporterWords};
pub use tally::{
    CampaignTally, CountedAction, Interval, MessageCounts, Point, TallyDelta, TallyKey, TallyKind, Timeline,
};
pub use template::{TemplateSource, TemplateVersion};
