with registry as (
    select * from {{ ref('companies') }}
),

crawled as (
    select * from {{ ref('int_crawled_companies') }}
),

co_producers as (
    select * from {{ ref('int_co_producers') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

regions as (
    select distinct
        country_code,
        country_name,
        region
    from {{ ref('country_codes') }}
),

timezones as (
    select name from pg_timezone_names
),

registered as (
    select
        {{ key('company', ['registry.slug']) }} as id,
        registry.slug,
        registry.name,
        registry.native_name as name_native,
        registry.domain,
        registry.start_url as website_url,
        registry.city,
        regions.country_name as country,
        registry.country_code,
        registry.latitude,
        registry.longitude,
        timezones.name as timezone,
        registry.currency as currency_code,
        registry.tier,
        registry.company_type,
        registry.main_venue as primary_venue_name,
        registry.capacity as venue_capacity,
        registry.founded_year,
        registry.wikidata as wikidata_id,
        'reference' as resolution,
        1.00::numeric(3, 2) as resolution_score,
        crawled.source_extraction_id,
        crawled.source_pointer,
        crawled.created_at,
        crawled.updated_at,
        crawled.last_confirmed_at
    from registry
    left join regions on registry.country_code = regions.country_code
    left join timezones on registry.timezone = timezones.name
    left join crawled on registry.slug = crawled.registry_slug
),

unregistered as (
    select
        crawled.company_id as id,
        regexp_replace(crawled.bare_domain, '[^a-z0-9]+', '-', 'g') as slug,
        coalesce(crawled.name, crawled.bare_domain) as name,
        null::text as name_native,
        crawled.bare_domain as domain,
        crawled.website_url,
        crawled.city,
        coalesce(regions.country_name, crawled.country) as country,
        crawled.country_code,
        null::numeric as latitude,
        null::numeric as longitude,
        null::text as timezone,
        null::text as currency_code,
        null::text as tier,
        null::text as company_type,
        null::text as primary_venue_name,
        null::integer as venue_capacity,
        null::integer as founded_year,
        null::text as wikidata_id,
        'provisional' as resolution,
        0.50::numeric(3, 2) as resolution_score,
        crawled.source_extraction_id,
        crawled.source_pointer,
        crawled.created_at,
        crawled.updated_at,
        crawled.last_confirmed_at
    from crawled
    left join regions on crawled.country_code = regions.country_code
    where crawled.registry_slug is null
),

named_only as (
    select
        co_producers.company_id as id,
        replace(co_producers.name_key, ' ', '-') as slug,
        {{ first_known('co_producers.name', 'co_producers.pick_rank, co_producers.pointer collate "C"') }} as name,
        null::text as name_native,
        null::text as domain,
        null::text as website_url,
        null::text as city,
        null::text as country,
        null::text as country_code,
        null::numeric as latitude,
        null::numeric as longitude,
        null::text as timezone,
        null::text as currency_code,
        null::text as tier,
        null::text as company_type,
        null::text as primary_venue_name,
        null::integer as venue_capacity,
        null::integer as founded_year,
        null::text as wikidata_id,
        'provisional' as resolution,
        0.50::numeric(3, 2) as resolution_score,
        {{ first_known('co_producers.extraction_id', 'co_producers.pick_rank, co_producers.pointer collate "C"') }}
            as source_extraction_id,
        {{ first_known('co_producers.pointer', 'co_producers.pick_rank, co_producers.pointer collate "C"') }}
            as source_pointer,
        {{ audit_columns('mentions') }}
    from co_producers
    inner join mentions on co_producers.mention_id = mentions.mention_id
    where not co_producers.is_known
    group by co_producers.company_id, co_producers.name_key
),

every_company as (
    select * from registered
    union all
    select * from unregistered
    union all
    select * from named_only
),

located as (
    select
        every_company.*,
        regions.region
    from every_company
    left join regions on every_company.country_code = regions.country_code
)

select * from located
