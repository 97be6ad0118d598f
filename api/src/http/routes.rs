//! The one table of routes: what is registered here, and nothing else, is served and is in the document.

use crate::config::Role;
use crate::handlers::public::{
    actions, appeals, campaigns, challenges, complaints, confirmations, directory, forms, health, openapi, originality,
    own_data, preferences, previews, reports, security_txt, tallies, targets, unsubscribe,
};
use crate::handlers::{admin, metrics};
use crate::http::listener::Listener;
use crate::http::problem;
use actix_web::dev::HttpServiceFactory;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every operation, by scope: a path is compared with the scopes, and then with what its own scope holds. Handlers name their path
/// within the scope.
pub fn register(routes: &mut ServiceConfig<'_>) {
    register_public(routes);
    register_administration(routes);
    register_shared(routes);
}

/// The operations that a process of a role answers on one of its listeners.
pub(crate) fn register_at(routes: &mut ServiceConfig<'_>, role: Role, listener: Listener) {
    match (role.serves(), listener) {
        (true, Listener::Public) => register_public(routes),
        (true, Listener::Administration) => register_administration(routes),
        (false, Listener::Public) => return register_health(routes),
        (false, Listener::Administration) => {
            routes.service(metrics::get_metrics);
            return register_health(routes);
        }
    }
    register_shared(routes);
}

/// Routes that can be served and that are in the document.
trait Routes: HttpServiceFactory + OpenApiFactory + 'static {}

impl<T: HttpServiceFactory + OpenApiFactory + 'static> Routes for T {}

/// What front ends call for one campaign: the busiest calls, so this scope is the first.
fn campaign() -> impl Routes {
    scope("/v1/campaigns/{slug}")
        .service(tallies::get_tally)
        .service(targets::find_targets)
        .service(actions::submit_action)
        .service(campaigns::get_campaign)
        .service(forms::get_form)
        .service(challenges::get_challenge)
        .service(previews::preview_messages)
        .service(originality::measure_originality)
        .service(tallies::areas::list_area_tallies)
        .service(tallies::representatives::list_representative_tallies)
        .service(tallies::timeline::get_timeline)
}

/// Registers what everybody may call.
fn register_public(routes: &mut ServiceConfig<'_>) {
    routes
        .service(campaign())
        .service(actions::get_action)
        .service(appeals::appeal)
        .service(confirmations::get_confirmation)
        .service(confirmations::confirm_action)
        .service(preferences::request_preferences_link)
        .service(preferences::get_preferences)
        .service(preferences::change_preferences)
        .service(own_data::get_own_data)
        .service(own_data::correct_own_data)
        .service(own_data::erase_own_data)
        .service(complaints::make_request)
        .service(complaints::complain)
        .service(unsubscribe::unsubscribe)
        .service(campaigns::list_campaigns)
        .service(directory::representatives::list_public_representatives)
        .service(directory::representatives::get_public_representative)
        .service(reports::report_representative)
        .service(directory::areas::list_areas)
        .service(directory::areas::get_area)
        .service(directory::bodies::list_bodies)
        .service(security_txt::get_security_txt);
}

/// Registers what is served on the listener for administration alone.
pub(crate) fn register_administration(routes: &mut ServiceConfig<'_>) {
    routes.service(administration()).service(metrics::get_metrics);
}

/// Registers what both listeners serve.
fn register_shared(routes: &mut ServiceConfig<'_>) {
    register_health(routes);
    routes
        .service(problem::page::list_problem_types)
        .service(problem::page::get_problem_type)
        .service(openapi::get_openapi_json)
        .service(openapi::get_openapi_yaml);
}

/// The calls of a charity's own systems, each with a token.
fn administration() -> impl Routes {
    scope("/v1/admin")
        .service(admin_campaign())
        .service(admin::campaigns::list_admin_campaigns)
        .service(admin::actions::list_actions)
        .service(
            scope("/deliveries")
                .service(admin::deliveries::list_deliveries)
                .service(admin::delivery_plan::get_delivery_plan)
                .service(admin::delivery_commands::count_deliveries)
                .service(admin::delivery_commands::command_deliveries)
                .service(admin::delivery_message::get_delivery_message),
        )
        .service(scope("/digests").service(admin::digests::list_digests).service(admin::digests::get_digest_message))
        .service(scope("/bounces").service(admin::bounces::list_bounces).service(admin::bounces::receive_bounce))
        .service(
            scope("/organisations")
                .service(admin::organisations::list_organisations)
                .service(admin::organisations::get_organisation)
                .service(admin::organisations::put_organisation)
                .service(admin::organisations::transition_organisation)
                .service(admin::retention::get_retention)
                .service(admin::library::get_library)
                .service(admin::library::put_library)
                .service(admin::question_versions::list_library_question_versions),
        )
        .service(
            scope("/representatives")
                .service(admin::representatives::list_representatives)
                .service(admin::representatives::get_representative)
                .service(admin::representatives::put_representative),
        )
        .service(
            scope("/dissolutions")
                .service(admin::dissolutions::list_dissolutions)
                .service(admin::dissolutions::put_dissolution)
                .service(admin::dissolutions::delete_dissolution),
        )
        .service(
            scope("/reports")
                .service(admin::reports::list_address_reports)
                .service(admin::reports::get_address_report)
                .service(admin::reports::judge_address_report),
        )
        .service(scope("/tokens").service(admin::tokens::list_tokens).service(admin::tokens::revoke_tokens))
        .service(
            scope("/moderation")
                .service(admin::moderation::list_moderation)
                .service(admin::moderation::decide_moderation)
                .service(admin::moderation_trials::try_moderation),
        )
        .service(
            scope("/invalidations")
                .service(admin::invalidations::list_invalidations)
                .service(admin::invalidations::invalidate)
                .service(admin::invalidations::get_invalidation)
                .service(admin::invalidations::step_invalidation),
        )
        .service(
            scope("/stops")
                .service(admin::stops::list_stops)
                .service(admin::stops::make_stop)
                .service(admin::stops::lift_stop),
        )
        .service(
            scope("/supporters")
                .service(admin::supporters::find_supporter)
                .service(admin::permissions::get_permissions)
                .service(admin::preference_changes::record_preference_change)
                .service(admin::supporter_data::get_supporter_data)
                .service(admin::supporter_data::correct_supporter)
                .service(admin::supporter_data::erase_supporter),
        )
        .service(
            scope("/requests")
                .service(admin::requests::list_requests)
                .service(admin::requests::get_request)
                .service(admin::requests::record_request)
                .service(admin::requests::step_request),
        )
        .service(admin::audit::list_audit)
        .service(admin::alarms::list_alarms)
        .service(admin::suppressions::suppress_person)
        .service(admin::health::get_health)
}

fn admin_campaign() -> impl Routes {
    scope("/campaigns/{slug}")
        .service(admin::campaigns::get_admin_campaign)
        .service(admin::campaigns::put_campaign)
        .service(admin::campaigns::delete_campaign)
        .service(admin::transitions::transition_campaign)
        .service(admin::tallies::get_exact_tally)
        .service(admin::tallies::list_source_tallies)
        .service(admin::coverage::get_coverage)
        .service(admin::asks::put_asks)
        .service(admin::templates::add_template_version)
        .service(admin::consent_questions::put_consent_questions)
        .service(admin::question_versions::list_question_versions)
        .service(admin::partners::list_partners)
        .service(admin::partners::invite_partner)
        .service(admin::partners::join_campaign)
        .service(admin::partners::remove_partner)
}

fn register_health(routes: &mut ServiceConfig<'_>) {
    routes.service(health::get_liveness).service(health::get_readiness);
}
