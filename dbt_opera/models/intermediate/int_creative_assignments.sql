with credits as (
    select * from {{ ref('int_credits') }}
),

scopes as (
    select * from {{ ref('int_scopes') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

placed as (
    select
        scopes.production_id,
        scopes.performance_id,
        credits.performer_id,
        credits.function,
        scopes.is_on_unknown_nights,
        credits.resolution,
        credits.resolution_score,
        credits.extraction_id,
        credits.pointer,
        credits.pick_rank,
        credits.position,
        mentions.first_scraped_at,
        mentions.scraped_at,
        mentions.last_seen_at
    from credits
    inner join scopes on credits.extraction_id = scopes.extraction_id and credits.pointer = scopes.pointer
    inner join mentions on credits.mention_id = mentions.mention_id
),

identified as (
    select
        placed.*,
        {{ key('credit', ['production_id', 'performance_id', 'performer_id', 'function']) }} as creative_assignment_id
    from placed
)

select * from identified
