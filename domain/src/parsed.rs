//! Values that are text outside and checked inside.

/// Gives a type with `parse(&str) -> Result<Self, Flaw>` and `as_str()` its `FromStr`, `Display`, `Serialize` and `Deserialize`,
/// all through `parse`, so that no other way in exists.
macro_rules! parsed {
    ($name:ident) => {
        impl std::str::FromStr for $name {
            type Err = $crate::Flaw;

            fn from_str(text: &str) -> Result<Self, $crate::Flaw> {
                Self::parse(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Gives a type a `Debug` that never shows what is in it: personal data stays out of logs and panics (C31).
macro_rules! redacted {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(redacted)"))
            }
        }
    };
}

pub(crate) use parsed;
pub(crate) use redacted;
