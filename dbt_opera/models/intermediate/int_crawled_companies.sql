with domains as (
    select * from {{ ref('int_domains') }}
),

sources as (
    select * from {{ ref('int_sources') }}
),

companies as (
    select * from {{ ref('stg_companies') }}
    where is_latest
),

countries as (
    select distinct on (country_key)
        {{ normalised('name_variant') }} as country_key,
        country_code
    from {{ ref('country_codes') }}
    order by country_key, country_code
),

printed as (
    select
        sources.company_id,
        sources.source_rank,
        sources.url,
        sources.first_scraped_at,
        sources.scraped_at,
        sources.last_seen_at,
        companies.extraction_id,
        companies.pointer,
        companies.name,
        companies.city,
        companies.country,
        coalesce(countries.country_code, {{ as_code('companies.country', '^[A-Z]{2}$') }}) as country_code
    from sources
    left join companies on sources.extraction_id = companies.extraction_id
    left join countries on {{ normalised('companies.country') }} = countries.country_key
),

-- What most pages say; of equals, what the best page says.
names as (
    select distinct on (company_id)
        company_id,
        name,
        extraction_id,
        pointer
    from (
        select
            company_id,
            name,
            count(*) as pages_count,
            min(source_rank) as best_rank,
            {{ first_known('extraction_id', 'source_rank') }} as extraction_id,
            {{ first_known('pointer', 'source_rank') }} as pointer
        from printed
        where name is not null
        group by company_id, name
    ) as counted
    order by company_id, pages_count desc, best_rank
),

merged as (
    select
        company_id,
        {{ first_known('city', 'source_rank') }} as city,
        {{ first_known('country', 'source_rank') }} as country,
        {{ first_known('country_code', 'source_rank') }} as country_code,
        substring({{ first_known('url', 'source_rank') }} from '^https?://[^/]+') || '/' as website_url,
        {{ audit_columns('printed') }}
    from printed
    group by company_id
),

crawled as (
    select distinct on (domains.company_id)
        domains.company_id,
        domains.registry_slug,
        domains.bare_domain,
        names.name,
        names.extraction_id as source_extraction_id,
        names.pointer as source_pointer,
        merged.city,
        merged.country,
        merged.country_code,
        merged.website_url,
        merged.created_at,
        merged.updated_at,
        merged.last_confirmed_at
    from domains
    left join names on domains.company_id = names.company_id
    left join merged on domains.company_id = merged.company_id
    order by domains.company_id, domains.bare_domain collate "C"
)

select * from crawled
