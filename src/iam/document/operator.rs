//! The operators of conditions.
//!
//! Source: [condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).

/// A condition operator, taken apart.
///
/// ```
/// use gatewatch::iam::document::{Comparison, Operator, Qualifier};
///
/// let operator = Operator::read("ForAnyValue:StringNotLikeIfExists").unwrap();
/// assert_eq!(operator.qualifier, Some(Qualifier::ForAnyValue));
/// assert_eq!(operator.comparison, Comparison::StringLike);
/// assert!(operator.negated && operator.if_exists);
/// assert_eq!(Operator::read("StringLikes"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// `ForAllValues:` or `ForAnyValue:`.
    pub qualifier: Option<Qualifier>,
    /// What is compared, and how.
    pub comparison: Comparison,
    /// Whether it is the `Not…` one.
    pub negated: bool,
    /// `…IfExists`: it holds where the key is missing.
    pub if_exists: bool,
}

/// How an operator treats a key of several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// Every value of the request must meet the condition; none is met, too.
    ForAllValues,
    /// One value of the request must meet it.
    ForAnyValue,
}

/// What an operator compares, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `StringEquals`.
    StringEquals,
    /// `StringEqualsIgnoreCase`.
    StringEqualsIgnoreCase,
    /// `StringLike`: with wildcards.
    StringLike,
    /// `NumericEquals`.
    NumericEquals,
    /// `NumericLessThan`.
    NumericLessThan,
    /// `NumericLessThanEquals`.
    NumericLessThanEquals,
    /// `NumericGreaterThan`.
    NumericGreaterThan,
    /// `NumericGreaterThanEquals`.
    NumericGreaterThanEquals,
    /// `DateEquals`.
    DateEquals,
    /// `DateLessThan`.
    DateLessThan,
    /// `DateLessThanEquals`.
    DateLessThanEquals,
    /// `DateGreaterThan`.
    DateGreaterThan,
    /// `DateGreaterThanEquals`.
    DateGreaterThanEquals,
    /// `Bool`.
    Bool,
    /// `BinaryEquals`.
    BinaryEquals,
    /// `IpAddress`.
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which behave alike: wildcards in each of the six parts.
    ArnLike,
    /// `Null`: whether the key is missing.
    Null,
}

impl Operator {
    /// Reads an operator's name, whatever its case. `None`: there is no such operator.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (qualifier, name) = match text.split_once(':') {
            None => (None, text.as_str()),
            Some(("forallvalues", name)) => (Some(Qualifier::ForAllValues), name),
            Some(("foranyvalue", name)) => (Some(Qualifier::ForAnyValue), name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (comparison, negated) = match name {
            "stringequals" => (Comparison::StringEquals, false),
            "stringnotequals" => (Comparison::StringEquals, true),
            "stringequalsignorecase" => (Comparison::StringEqualsIgnoreCase, false),
            "stringnotequalsignorecase" => (Comparison::StringEqualsIgnoreCase, true),
            "stringlike" => (Comparison::StringLike, false),
            "stringnotlike" => (Comparison::StringLike, true),
            "numericequals" => (Comparison::NumericEquals, false),
            "numericnotequals" => (Comparison::NumericEquals, true),
            "numericlessthan" => (Comparison::NumericLessThan, false),
            "numericlessthanequals" => (Comparison::NumericLessThanEquals, false),
            "numericgreaterthan" => (Comparison::NumericGreaterThan, false),
            "numericgreaterthanequals" => (Comparison::NumericGreaterThanEquals, false),
            "dateequals" => (Comparison::DateEquals, false),
            "datenotequals" => (Comparison::DateEquals, true),
            "datelessthan" => (Comparison::DateLessThan, false),
            "datelessthanequals" => (Comparison::DateLessThanEquals, false),
            "dategreaterthan" => (Comparison::DateGreaterThan, false),
            "dategreaterthanequals" => (Comparison::DateGreaterThanEquals, false),
            "bool" => (Comparison::Bool, false),
            "binaryequals" => (Comparison::BinaryEquals, false),
            "ipaddress" => (Comparison::IpAddress, false),
            "notipaddress" => (Comparison::IpAddress, true),
            "arnequals" | "arnlike" => (Comparison::ArnLike, false),
            "arnnotequals" | "arnnotlike" => (Comparison::ArnLike, true),
            // `Null` asks whether the key exists: it takes neither `IfExists` nor a qualifier.
            "null" if !if_exists && qualifier.is_none() => (Comparison::Null, false),
            _ => return None,
        };
        Some(Operator {
            qualifier,
            comparison,
            negated,
            if_exists,
        })
    }
}
