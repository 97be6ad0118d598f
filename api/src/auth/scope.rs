//! The closed set of permissions.

use std::fmt;

/// Declares each scope twice: as a value, for tokens and the document, and as a type, for signatures.
macro_rules! scopes {
    ($($variant:ident = $name:literal, $doc:literal;)+) => {
        /// The name of a permission.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ScopeName {
            $(#[doc = $doc] $variant,)+
        }

        impl ScopeName {
            /// Every scope, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word in a token.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The calls it permits, in English.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $doc,)+ }
            }
        }

        $(
            #[doc = $doc]
            #[derive(Clone, Copy, Debug)]
            pub struct $variant;

            impl Scope for $variant {
                const NAME: ScopeName = ScopeName::$variant;
            }
        )+
    };
}

/// A permission as a type.
pub trait Scope: 'static {
    /// Its name.
    const NAME: ScopeName;
}

scopes! {
    OrganisationsWrite = "organisations:write", "Create and change organisations.";
    CampaignsRead = "campaigns:read", "Read campaigns in every state.";
    CampaignsWrite = "campaigns:write", "Create, change and publish campaigns.";
    DirectoryRead = "directory:read", "Read the directory with its addresses.";
    DirectoryWrite = "directory:write", "Change the directory by hand.";
    ActionsWrite = "actions:write", "Submit for people whose address the caller has verified.";
    ActionsForward = "actions:forward", "Call for others: say in `Client-Address` for whom, so that limits count each.";
    SupportersRead = "supporters:read", "Read supporters, their actions and consents.";
    SupportersWrite = "supporters:write", "Erase supporters.";
    ConsentsWrite = "consents:write", "Record consent, withdrawal and objection on a person's behalf.";
    DeliveriesRead = "deliveries:read", "Read what became of each message.";
    DeliveriesWrite = "deliveries:write", "Release, retry and cancel messages.";
    ModerationRead = "moderation:read", "Read submissions that were held, and what their supporters say.";
    ModerationWrite = "moderation:write", "Decide on submissions that were held.";
    BouncesWrite = "bounces:write", "Hand over mail that came back: for mail systems.";
    TokensRead = "tokens:read", "List the tokens that this server issued.";
    TokensWrite = "tokens:write", "Revoke tokens.";
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for ScopeName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|scope| scope.as_str()).collect();
            format!("there is no scope {text}; the scopes are {}", known.join(", "))
        })
    }
}
