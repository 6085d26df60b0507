{% set placeholders = "('', 'nn', 'n n', 'tba', 't b a', 'tbc', 'tbd', 'to be announced', 'to be confirmed')" %}

with casts as (
    select * from {{ ref('stg_page_casts') }}
),

productions as (
    select * from {{ ref('stg_page_productions') }}
),

links as (
    select * from {{ ref('int_production_listings') }}
),

listings as (
    select * from {{ ref('int_evening_listings') }}
),

evenings as (
    select distinct
        production_id,
        performance_id,
        performance_date,
        performance_time
    from {{ ref('int_evenings') }}
),

domains as (
    select * from {{ ref('int_domains') }}
),

production_works as (
    select * from {{ ref('int_production_works') }}
),

roles as (
    select * from {{ ref('int_roles') }}
),

printed_now as (
    select * from {{ ref('stg_cast_members') }}
    where is_latest and performer is not null
),

cast_now as (
    select * from {{ ref('int_cast') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

-- Whom the house's pages mean by what they print, as resolved today.
people as (
    select
        mentions.company_id,
        {{ normalised('printed_now.performer') }} as printed_key,
        cast_now.performer_id,
        cast_now.name
    from cast_now
    inner join mentions on cast_now.mention_id = mentions.mention_id
    inner join printed_now
        on cast_now.extraction_id = printed_now.extraction_id and cast_now.pointer = printed_now.pointer
    union
    select
        mentions.company_id,
        {{ normalised('cast_now.name') }} as printed_key,
        cast_now.performer_id,
        cast_now.name
    from cast_now
    inner join mentions on cast_now.mention_id = mentions.mention_id
),

roles_of_productions as (
    select
        production_works.production_id,
        roles.printed_role_key,
        min(roles.role_id) as role_id,
        min(roles.role_name) as role_name
    from production_works
    inner join roles on production_works.opera_work_id = roles.opera_work_id
    group by production_works.production_id, roles.printed_role_key
    having count(*) = 1
),

evenings_of_pages as (
    select
        extraction_id,
        production_pointer,
        min(performance_id) as performance_id
    from listings
    where page_type = 'performance'
    group by extraction_id, production_pointer
    having count(distinct performance_id) = 1
),

scoped as (
    select
        casts.extraction_id,
        casts.pointer,
        productions.page_id,
        productions.is_best,
        productions.url,
        productions.scraped_at,
        domains.company_id,
        links.production_id,
        casts.performance_date,
        case
            when casts.performance_date is not null then evenings.performance_id
            else evenings_of_pages.performance_id
        end as performance_id,
        casts.performer,
        casts.role,
        {{ normalised("coalesce(casts.role, '')") }} as role_key,
        casts.kind,
        casts.replaces
    from casts
    inner join productions
        on casts.extraction_id = productions.extraction_id and casts.production_pointer = productions.pointer
    inner join domains on productions.company_domain = domains.company_domain
    inner join links
        on casts.extraction_id = links.extraction_id and casts.production_pointer = links.pointer
    left join evenings
        on
            links.production_id = evenings.production_id
            and casts.performance_date = evenings.performance_date
            and coalesce(casts.performance_time = evenings.performance_time, true)
    left join evenings_of_pages
        on
            casts.extraction_id = evenings_of_pages.extraction_id
            and casts.production_pointer = evenings_of_pages.production_pointer
),

split as (
    select
        scoped.*,
        part.printed,
        {{ normalised("regexp_replace(part.printed, '[(\\[][^)\\]]*[)\\]]', '', 'g')") }} as printed_name_key
    from scoped
    cross join lateral regexp_split_to_table(scoped.performer, '\s*[/;|]\s*') as part (printed)
    where scoped.performance_date is null or scoped.performance_id is not null
),

identified as (
    select distinct on (
        split.extraction_id, split.pointer, split.production_id, split.performance_id, split.printed_name_key,
        people.performer_id
    )
        split.extraction_id,
        split.pointer,
        split.page_id,
        split.is_best,
        split.url,
        split.scraped_at,
        split.production_id,
        split.performance_id,
        coalesce(roles.role_id, split.role_key) as part_key,
        coalesce(roles.role_name, split.role) as role_name,
        people.performer_id,
        coalesce(people.name, btrim(split.printed)) as performer_name,
        coalesce(people.performer_id, split.printed_name_key) as person_key,
        split.printed_name_key as name_key,
        split.kind,
        split.replaces
    from split
    left join people
        on
            split.company_id = people.company_id
            and {{ normalised('split.printed') }} = people.printed_key
    left join roles_of_productions as roles
        on split.production_id = roles.production_id and split.role_key = roles.printed_role_key
    where split.printed_name_key not in {{ placeholders }}
    order by
        split.extraction_id,
        split.pointer,
        split.production_id,
        split.performance_id,
        split.printed_name_key,
        people.performer_id,
        people.name collate "C"
)

select * from identified
