with productions as (
    select distinct
        mention_id,
        production_id,
        company_id
    from {{ ref('int_mention_productions') }}
),

co_producers as (
    select * from {{ ref('int_co_producers') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

roles as (
    select
        productions.production_id,
        productions.company_id,
        'producer' as role,
        mentions.extraction_id,
        mentions.pointer,
        mentions.pick_rank,
        'reference' as resolution,
        1.00 as resolution_score,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from productions
    inner join mentions on productions.mention_id = mentions.mention_id
    union all
    select
        productions.production_id,
        co_producers.company_id,
        'co_producer' as role,
        co_producers.extraction_id,
        co_producers.pointer,
        co_producers.pick_rank,
        case when co_producers.is_known then 'normalised' else 'provisional' end as resolution,
        case when co_producers.is_known then 0.90 else 0.50 end as resolution_score,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from productions
    inner join co_producers on productions.mention_id = co_producers.mention_id
    inner join mentions on productions.mention_id = mentions.mention_id
    where productions.company_id <> co_producers.company_id
),

merged as (
    select
        {{ key('production_company', ['production_id', 'company_id', 'role']) }} as id,
        production_id,
        company_id,
        role,
        min(resolution) as resolution,
        min(resolution_score)::numeric(3, 2) as resolution_score,
        {{ first_known('extraction_id', 'pick_rank, pointer collate "C"') }} as source_extraction_id,
        {{ first_known('pointer', 'pick_rank, pointer collate "C"') }} as source_pointer,
        {{ audit_columns('roles') }}
    from roles
    group by production_id, company_id, role
)

select * from merged
