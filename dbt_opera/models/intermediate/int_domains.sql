with pages as (
    select * from {{ ref('stg_pages') }}
),

registry as (
    select * from {{ ref('companies') }}
),

registered_domains as (
    select
        registry.slug,
        regexp_replace(lower(listed.domain collate "C"), '^www[.]', '') as bare_domain
    from registry
    cross join
        lateral regexp_split_to_table(
            registry.domain || ' ' || coalesce(registry.other_domains, ''), '[\s;,|]+'
        ) as listed (domain)
    where listed.domain <> ''
),

crawled as (
    select distinct
        company_domain,
        regexp_replace(lower(company_domain collate "C"), '^www[.]|:(443|80)$', '', 'g') as bare_domain
    from pages
),

resolved as (
    select
        crawled.company_domain,
        crawled.bare_domain,
        min(registered_domains.slug collate "C") as registry_slug
    from crawled
    left join registered_domains on crawled.bare_domain = registered_domains.bare_domain
    group by crawled.company_domain, crawled.bare_domain
),

keyed as (
    select
        company_domain,
        bare_domain,
        registry_slug,
        case
            when registry_slug is not null then {{ key('company', ['registry_slug']) }}
            else {{ key('company_domain', ['bare_domain']) }}
        end as company_id
    from resolved
)

select * from keyed
