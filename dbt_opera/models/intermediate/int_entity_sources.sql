{{ config(indexes=[{'columns': ['entity_id']}]) }}

{# Which object of which page speaks of which row of core. #}
with links as (
    select distinct
        mention_id,
        production_id,
        company_id,
        season_id
    from {{ ref('int_mention_productions') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

works as (
    select * from {{ ref('int_works_mentioned') }}
),

evenings as (
    select * from {{ ref('int_evenings') }}
),

cast_members as (
    select * from {{ ref('int_cast') }}
),

cast_assignments as (
    select * from {{ ref('int_cast_assignments') }}
),

credits as (
    select * from {{ ref('int_credits') }}
),

creative_assignments as (
    select * from {{ ref('int_creative_assignments') }}
),

prices as (
    select * from {{ ref('int_ticket_prices') }}
),

financials as (
    select * from {{ ref('int_financials') }}
),

co_producers as (
    select * from {{ ref('int_co_producers') }}
),

companies as (
    select
        sources.company_id,
        companies.extraction_id,
        companies.pointer
    from {{ ref('stg_companies') }} as companies
    inner join {{ ref('int_sources') }} as sources on companies.extraction_id = sources.extraction_id
),

venues as (
    select * from {{ ref('int_venues') }}
),

performances as (
    select * from {{ ref('stg_performances') }}
    where is_latest
),

works_of_mentions as (
    select
        works.*,
        mentions.extraction_id,
        mentions.pointer as production_pointer,
        regexp_replace(works.title_pointer, '/[^/]+$', '') as pointer
    from works
    inner join mentions on works.mention_id = mentions.mention_id
),

every_source as (
    select
        'productions' as entity,
        links.production_id as entity_id,
        mentions.extraction_id,
        mentions.pointer
    from links
    inner join mentions on links.mention_id = mentions.mention_id
    union
    select
        'seasons' as entity,
        links.season_id as entity_id,
        mentions.extraction_id,
        mentions.pointer
    from links
    inner join mentions on links.mention_id = mentions.mention_id
    where links.season_id is not null
    union
    select
        'opera_works' as entity,
        opera_work_id as entity_id,
        extraction_id,
        unnest(array[pointer, production_pointer]) as pointer
    from works_of_mentions
    union
    select
        'composers' as entity,
        composer_id as entity_id,
        extraction_id,
        unnest(array[pointer, production_pointer]) as pointer
    from works_of_mentions
    where composer_id is not null
    union
    select
        'production_works' as entity,
        {{ key('production_work', ['links.production_id', 'works_of_mentions.opera_work_id']) }} as entity_id,
        works_of_mentions.extraction_id,
        works_of_mentions.pointer
    from works_of_mentions
    inner join links on works_of_mentions.mention_id = links.mention_id
    union
    select
        'performances' as entity,
        performance_id as entity_id,
        extraction_id,
        pointer
    from evenings
    union
    select
        'performances' as entity,
        evenings.performance_id as entity_id,
        evenings.extraction_id,
        mentions.pointer
    from evenings
    inner join mentions on evenings.mention_id = mentions.mention_id
    union
    select
        'performers' as entity,
        performer_id as entity_id,
        extraction_id,
        pointer
    from cast_members
    union
    select
        'performers' as entity,
        replaces_performer_id as entity_id,
        extraction_id,
        pointer
    from cast_members
    where replaces_performer_id is not null
    union
    select
        'performers' as entity,
        performer_id as entity_id,
        extraction_id,
        pointer
    from credits
    union
    select
        'opera_roles' as entity,
        role_id as entity_id,
        extraction_id,
        pointer
    from cast_assignments
    where role_id is not null
    union
    select
        'cast_assignments' as entity,
        cast_assignment_id as entity_id,
        extraction_id,
        pointer
    from cast_assignments
    union
    select
        'creative_assignments' as entity,
        creative_assignment_id as entity_id,
        extraction_id,
        pointer
    from creative_assignments
    union
    select
        'ticket_prices' as entity,
        ticket_price_id as entity_id,
        extraction_id,
        pointer
    from prices
    union
    select
        'financial_data' as entity,
        financial_data_id as entity_id,
        extraction_id,
        pointer
    from financials
    union
    select
        'companies' as entity,
        company_id as entity_id,
        extraction_id,
        pointer
    from companies
    union
    select
        'companies' as entity,
        company_id as entity_id,
        extraction_id,
        pointer
    from co_producers
    union
    select
        'production_companies' as entity,
        {{ key('production_company', ['links.production_id', 'co_producers.company_id', "'co_producer'"]) }}
            as entity_id,
        co_producers.extraction_id,
        co_producers.pointer
    from co_producers
    inner join links on co_producers.mention_id = links.mention_id
    where co_producers.company_id <> links.company_id
    union
    select
        'venues' as entity,
        venues.venue_id as entity_id,
        mentions.extraction_id,
        mentions.pointer
    from mentions
    inner join venues
        on mentions.company_id = venues.company_id and {{ normalised('mentions.venue') }} = venues.venue_key
    union
    select
        'venues' as entity,
        venues.venue_id as entity_id,
        performances.extraction_id,
        performances.pointer
    from performances
    inner join mentions
        on performances.extraction_id = mentions.extraction_id and performances.parent_pointer = mentions.pointer
    inner join venues
        on mentions.company_id = venues.company_id and {{ normalised('performances.venue') }} = venues.venue_key
)

select * from every_source
