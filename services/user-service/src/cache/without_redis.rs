//! What stands in the place of Redis in a program that is built without it: there is none, and nothing of it fails.

use std::{sync::Arc, time::Duration};

use service_kit::AllowanceSource;

use super::{Fence, Fill, Token};
use crate::{key::Key, record::Record};

#[derive(Debug)]
pub(crate) enum RedisCache {}

#[derive(Debug)]
pub(crate) enum NewConnection {}

impl NewConnection {
    pub(crate) fn servers(&self) -> Option<&str> {
        match *self {}
    }
}

#[derive(Debug)]
pub(crate) enum CacheError {}

pub(crate) struct FailureCause(pub(crate) &'static str);

impl CacheError {
    pub(crate) fn cause(&self) -> Option<FailureCause> {
        match *self {}
    }
}

impl RedisCache {
    pub(crate) async fn get(&self, _: &[Key]) -> Result<Vec<Option<Record>>, CacheError> {
        match *self {}
    }

    pub(crate) async fn note(&self, _: &[Key]) -> Result<Vec<Token>, CacheError> {
        match *self {}
    }

    pub(crate) async fn fill(&self, _: &[Fill]) -> Result<(), CacheError> {
        match *self {}
    }

    pub(crate) async fn raise(&self, _: &Key, _: &Fence) -> Result<(), CacheError> {
        match *self {}
    }

    pub(crate) async fn lift<'a>(
        &self,
        _: impl IntoIterator<Item = (&'a Key, &'a str)>,
    ) -> Result<(), CacheError> {
        match *self {}
    }

    pub(crate) fn counts(&self) -> Arc<dyn AllowanceSource> {
        match *self {}
    }

    pub(crate) async fn open(&self) -> Result<NewConnection, CacheError> {
        match *self {}
    }

    pub(crate) async fn clean(&self, _: &NewConnection) -> Result<(), CacheError> {
        match *self {}
    }

    pub(crate) async fn admit(&self, _: NewConnection, _: Option<i64>) -> Result<(), CacheError> {
        match *self {}
    }

    pub(crate) fn may_fail_over(&self) -> bool {
        match *self {}
    }

    pub(crate) fn agreement(&self) -> Option<i64> {
        match *self {}
    }

    pub(crate) fn leave(&self) {
        match *self {}
    }

    pub(crate) fn is_connected(&self) -> bool {
        match *self {}
    }

    pub(crate) async fn disconnected(&self) {
        match *self {}
    }

    pub(crate) async fn reconnected(&self) {
        match *self {}
    }

    pub(crate) async fn ping(&self) -> Result<Duration, CacheError> {
        match *self {}
    }

    pub(crate) fn show_use(&self, _: bool) {
        match *self {}
    }

    pub(crate) fn failure(&self) -> Option<FailureCause> {
        match *self {}
    }
}
