"""The table of pages. Every page of people lives under its language; machines and assets do not."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from allmende.web.views import (
    care,
    citizen,
    connectors,
    connectors_edit,
    connectors_setup,
    data,
    datastreams,
    home,
    preferences,
    register,
    rules,
    search,
    texts,
    things,
)

handler400 = "allmende.web.faults.bad_request"
handler403 = "allmende.web.faults.forbidden"
handler404 = "allmende.web.faults.not_found"
handler500 = "allmende.web.faults.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", preferences.root, name="root"),
    path("theme/", preferences.theme, name="theme"),
    path("favicon.ico", preferences.icon, name="icon"),
    path("ground.geojson", data.ground, name="ground"),
    path("s/<slug:code>/", register.sticker, name="sticker"),
    *i18n_patterns(
        path("", home.home, name="home"),
        path("data/", data.data, name="data"),
        path("data/things.geojson", data.things_geojson, name="things_geojson"),
        path("data/things.csv", data.things_csv, name="things_csv"),
        path("things/<slug:code>/", things.thing, name="thing"),
        path("things/<slug:code>/place.geojson", data.thing_geojson, name="thing_geojson"),
        path("datasets/<slug:slug>/", things.dataset, name="dataset"),
        path("datastreams/<slug:code>/", datastreams.datastream, name="datastream"),
        path("datastreams/<slug:code>/newest/", datastreams.newest, name="datastream_newest"),
        path("datastreams/<slug:code>/figure/", datastreams.figure, name="datastream_figure"),
        path("datastreams/<slug:code>/chart.json", datastreams.chart, name="datastream_chart"),
        path("datastreams/<slug:code>/rules/", rules.rules, name="rules"),
        path("care/", care.care, name="care"),
        path("care/list.csv", care.care_csv, name="care_csv"),
        path("care/feed.atom", care.feed, name="care_feed"),
        path("care/mail/", care.mail, name="care_mail"),
        path("care/mail/end/<str:key>/", care.farewell, name="care_farewell"),
        path("care/things/<slug:code>/", care.note, name="care_note"),
        path("sensors/", register.register, name="register"),
        path("sensors/register.csv", register.register_csv, name="register_csv"),
        path("sensors/register.json", register.register_json, name="register_json"),
        path("sensors/register.geojson", register.register_geojson, name="register_geojson"),
        path("sensors/mine/", citizen.mine, name="citizen_mine"),
        path("sensors/mine/offer/", citizen.offer, name="citizen_offer"),
        path("sensors/mine/<slug:code>/", citizen.sensor, name="citizen_sensor"),
        path("sensors/offers/", citizen.offers, name="citizen_offers"),
        path("sensors/offers/<slug:code>/", citizen.decide, name="citizen_decide"),
        path("sensors/describe/<slug:code>/", register.register_edit, name="register_edit"),
        path("sensors/<slug:code>/", register.register_entry, name="register_entry"),
        path("connectors/", connectors.connectors, name="connectors"),
        path("connectors/new/", connectors_setup.connector_new, name="connector_new"),
        path("connectors/new/<slug:code>/drop/", connectors_setup.draft_drop, name="draft_drop"),
        path("connectors/new/<slug:code>/<slug:step>/", connectors_setup.connector_step, name="connector_step"),
        path("connectors/<slug:code>/", connectors.connector, name="connector"),
        path("connectors/<slug:code>/do/", connectors.connector_do, name="connector_do"),
        path("connectors/<slug:code>/mapping/", connectors_edit.connector_mapping, name="connector_mapping"),
        path("connectors/<slug:code>/source/", connectors_edit.connector_source, name="connector_source"),
        path("connectors/<slug:code>/remove/", connectors.connector_remove, name="connector_remove"),
        path("search/", search.search, name="search"),
        path("pages/<slug:slug>/", texts.page, name="page"),
        path("pages/<slug:slug>/edit/", texts.page_edit, name="page_edit"),
        path("feedback/", texts.feedback, name="feedback"),
        path("account/", include("allauth.urls")),
        path("admin/", admin.site.urls),
    ),
]
