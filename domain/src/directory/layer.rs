//! Postcode files, one over the other.

use super::postcode_table::PostcodeTable;
use crate::{AreaKind, LayerId};
use chrono::NaiveDate;
use std::sync::Arc;

/// One postcode file: what it says, where it comes from and how old it is.
///
/// A later file of the same name replaces the layer. Of several layers the latest that knows a fact decides. A layer with an id
/// never changes, and its rows are shared: one directory after another holds them without a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostcodeLayer {
    /// Its id: a file that replaces another has a new one.
    pub id: LayerId,
    /// What makes a later file the same layer: `onspd`, `scotland`, or an operator's own name.
    pub name: String,
    /// The source of the file.
    pub source: String,
    /// The day to which its facts hold.
    pub as_of: NaiveDate,
    /// The columns the file has.
    pub kinds: Vec<AreaKind>,
    /// Its rows.
    pub table: Arc<PostcodeTable>,
}
