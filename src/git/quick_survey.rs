//! stub
use super::objects::{Objects, Oid};
use super::repository::Repository;
use crate::model::at_risk::Survey;
/// stub
pub fn survey(_: &Repository, _: &Objects, _: Option<Oid>) -> Option<Survey> {
    None
}
