//! Closed sets of words, the same in code, SQL, JSON and prose.

/// Declares an enum whose variants each have one word, used in storage and on the wire alike.
///
/// Gives `ALL`, `ABOUT`, `about`, `as_str`, `Display`, `FromStr` (with a [`Flaw`](crate::Flaw) that lists the words), `Serialize` and `Deserialize`.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident, $code:literal { $($(#[doc = $vdoc:literal])* $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[doc = $vdoc])* $variant,)+
        }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// What the words are about, in English: its documentation.
            pub const ABOUT: &'static str = concat!($($doc,)*);

            /// What the word means, in English: its documentation.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($vdoc,)*),)+
                }
            }

            /// The one word for it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Flaw;

            fn from_str(text: &str) -> Result<Self, $crate::Flaw> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::Flaw::new($code, concat!("must be one of:" $(, " ", $word)+))),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use words;
