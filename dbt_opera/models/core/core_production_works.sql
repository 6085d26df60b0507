with works as (
    select * from {{ ref('int_production_works') }}
),

mentions as (
    select * from {{ ref('int_mentions') }}
),

final as (
    select
        {{ key('production_work', ['works.production_id', 'works.opera_work_id']) }} as id,
        works.production_id,
        works.opera_work_id,
        works.ordinal,
        works.extent,
        works.version,
        works.resolution,
        works.resolution_score,
        mentions.extraction_id as source_extraction_id,
        works.title_pointer as source_pointer,
        mentions.first_scraped_at as created_at,
        mentions.scraped_at as updated_at,
        mentions.last_seen_at as last_confirmed_at
    from works
    inner join mentions on works.mention_id = mentions.mention_id
)

select * from final
